import resolve from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';

export default {
  input: 'echarts.js',
  output: {file: 'whole.js', format: 'umd', name: 'echarts'},
  plugins: [resolve(), replace({preventAssignment: true, values: {'process.env.NODE_ENV': '"production"'}})]
};
