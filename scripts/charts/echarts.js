// The parts of Apache ECharts that charts are drawn with.
export * from 'echarts/lib/export/core.js';
import {use} from 'echarts/lib/extension.js';
import {install as SVGRenderer} from 'echarts/lib/renderer/installSVGRenderer.js';
import {install as LineChart} from 'echarts/lib/chart/line/install.js';
import {install as BarChart} from 'echarts/lib/chart/bar/install.js';
import {install as ScatterChart} from 'echarts/lib/chart/scatter/install.js';
import {install as CustomChart} from 'echarts/lib/chart/custom/install.js';
import {install as GridComponent} from 'echarts/lib/component/grid/install.js';
import {install as TitleComponent} from 'echarts/lib/component/title/install.js';
import {install as LegendComponent} from 'echarts/lib/component/legend/installLegendPlain.js';
import {install as TooltipComponent} from 'echarts/lib/component/tooltip/install.js';
import {install as DataZoomInside} from 'echarts/lib/component/dataZoom/installDataZoomInside.js';
import {install as ToolboxComponent} from 'echarts/lib/component/toolbox/install.js';
import {install as AriaComponent} from 'echarts/lib/component/aria/install.js';
import {install as MarkLine} from 'echarts/lib/component/marker/installMarkLine.js';
import {installLabelLayout} from 'echarts/lib/label/installLabelLayout.js';
use([SVGRenderer, LineChart, BarChart, ScatterChart, CustomChart, GridComponent, TitleComponent, LegendComponent, TooltipComponent, DataZoomInside, ToolboxComponent, AriaComponent, MarkLine, installLabelLayout]);
