// A chart of Ironlaw as an option of ECharts: where things stand, colours for light and dark, numbers as people read them.
// Runs in browsers and in the program itself, which draws SVG with it: ECMAScript 5 only.
var ironlaw = (function () {
  'use strict';

  // Okabe and Ito's palette, told apart with any colour vision; lighter on dark ground.
  var palettes = {
    light: ['#0072B2', '#D55E00', '#009E73', '#AA4499', '#B8860B', '#3399CC', '#666666', '#882255'],
    dark: ['#56B4E9', '#F2894F', '#2FC99A', '#E39AC4', '#F0B53F', '#9FC5FF', '#B4B4B4', '#D98BB3']
  };
  var grounds = {
    light: {back: '#ffffff', text: '#1f2328', faint: '#6b7280', line: '#d8dce1'},
    dark: {back: '#14171c', text: '#e3e6ea', faint: '#9aa3ad', line: '#343b45'}
  };
  var symbols = ['circle', 'rect', 'triangle', 'diamond', 'path://M0,0h10l-5,9z', 'path://M3,0h4v3h3v4h-3v3h-4v-3h-3v-4h3z'];
  // A better and a worse end, and the lighter of two bars of one colour.
  var senses = {
    light: {better: '#0072B2', worse: '#D55E00', softBetter: '#8FC1E3', softWorse: '#F2B48C'},
    dark: {better: '#56B4E9', worse: '#F2894F', softBetter: '#2C5F7F', softWorse: '#8A4A26'}
  };
  var dashes = ['solid', 'dashed', 'dotted', [8, 3, 2, 3]];  // of lines, when the colours are used up
  // The same as a legend has them, which would stretch a rectangle.
  var marks = ['circle', 'path://M0,0h10v10h-10z'].concat(symbols.slice(2));
  var letter = 7;  // pixels, about, of a letter at 12 px
  var fonts = 'Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif';
  var endRoom = 110;  // pixels of the names at the ends of lines
  var tools = 92;  // pixels of the buttons beside the title
  var slanted = 25;  // pixels of a name under an axis that leans

  function superscript(exponent) {
    var digits = '\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079';
    return (exponent < 0 ? '\u207b' : '') + String(Math.abs(exponent)).split('').map(function (d) { return digits[+d]; }).join('');
  }

  /** 1,234 or 0.05 or 3 x 10^7, to four digits. */
  function number(v) {
    var size = Math.abs(v);
    if (size !== 0 && (size >= 1e6 || size < 1e-3)) {
      var exponent = Math.floor(Math.log(size) / Math.LN10 + 1e-9);
      var mantissa = Number((v / Math.pow(10, exponent)).toPrecision(3));
      return (mantissa === 1 ? '' : mantissa + '\u00d7') + '10' + superscript(exponent);
    }
    var text = String(v === Math.round(v) ? v : Number(v.toPrecision(4)));
    var parts = text.split('.');
    if (parts[0].length > 4) parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ',');
    return parts.join('.');
  }

  function escaped(text) {
    return String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  }

  function title(axis) { return axis.unit ? axis.name + ' [' + axis.unit + ']' : axis.name; }

  /** Pixels that text takes: a browser knows, a picture may be shown in any font. */
  function textWidth(text, size, look) {
    return look.still ? text.length * letter * size / 12 : echarts.format.getTextRect(text, 'bold ' + size + 'px ' + fonts).width;
  }

  /** Lines of text that is broken between words. */
  function lines(text, width, size, look) {
    var all = [], used = 0, blank = textWidth('\u00a0', size, look);
    (text || '').split(' ').forEach(function (word) {
      var need = textWidth(word, size, look);
      if (used > 0 && used + blank + need <= width) {
        all[all.length - 1] += ' ' + word;
        used += blank + need;
      } else if (word) {
        all.push(word);
        used = need;
      }
    });
    return all;
  }

  /** A title as it is shown: ECharts measures a text once so and once so, and what it took for one line may be two. */
  function broken(text, width, size, look) { return look.still ? text || '' : lines(text, width, size, look).join('\n'); }

  function values(panel, which) {
    var all = [];
    panel.targets.forEach(function (t) { if (t.axis === which) all.push(t.at); });
    panel.series.forEach(function (s) {
      if (s.points.length) s.points[s.points.length - 1].last = true;
      s.points.forEach(function (p) {
        if (p[which] !== null) all.push(p[which]);
        if (which === 'x' && p.end !== undefined) all.push(p.end);
      });
    });
    return all;
  }

  function powersOfTwo(all) {
    return all.every(function (v) { var e = Math.log(v) / Math.LN2; return Math.abs(e - Math.round(e)) < 1e-9; });
  }

  /** The next number up or down that has one digit. */
  function oneDigit(v, round) {
    var power = Math.pow(10, Math.floor(Math.log(v) / Math.LN10 + 1e-9));
    return Number((round(Number((v / power).toPrecision(9))) * power).toPrecision(3));
  }

  function ticksOfTen(low, high) {
    var decades = Math.log(high / low) / Math.LN10, between = decades <= 2 ? [1, 2, 5] : [1], ticks = [];
    var step = Math.ceil(decades / 8);
    for (var e = Math.floor(Math.log(low) / Math.LN10 - 1e-9); Math.pow(10, e) <= high; e += step)
      between.forEach(function (digit) {
        var tick = Number((digit * Math.pow(10, e)).toPrecision(3));
        if (tick >= low && tick <= high) ticks.push(tick);
      });
    return ticks;
  }

  function axisOption(axis, all, panelIndex, isX, look, ground, room, bars, highest) {
    var option = {
      gridIndex: panelIndex,
      name: title(axis),
      nameTextStyle: {color: ground.text, fontSize: 12},
      axisLine: {show: true, lineStyle: {color: ground.faint}},
      axisTick: {lineStyle: {color: ground.faint}},
      axisLabel: {color: ground.text, hideOverlap: true, fontSize: 11},
      splitLine: {show: true, lineStyle: {color: ground.line}}
    };
    if (isX) {
      option.nameLocation = 'middle';
      option.nameGap = 30;
    } else {
      option.nameLocation = 'end';
      option.nameTextStyle.align = 'left';
      option.nameTextStyle.padding = [0, 0, 0, -24];
      option.nameTruncate = {maxWidth: room};
    }
    if (axis.categories) {
      option.type = 'category';
      option.data = axis.categories;
      option.inverse = !isX;
      option.splitLine.show = false;
      var widest = Math.max.apply(null, axis.categories.map(function (c) { return textWidth(c, 11, look); }));
      option.axisLabel.hideOverlap = false;
      option.axisLabel.interval = 0;
      option.axisLabel.width = isX ? 150 : Math.min(widest, nameRoom(room));
      option.axisLabel.overflow = isX || room >= 600 ? 'truncate' : 'break';
      if (!isX && room < 600) option.axisLabel.lineHeight = 12;
      option.axisLabel.rich = {heading: {fontWeight: 'bold', color: ground.text, fontSize: 11}};
      option.axisLabel.formatter = function (name) { return name.slice(-1) === ':' ? '{heading|' + name.slice(0, -1) + '}' : name; };
      if (isX && widest * axis.categories.length > room * 0.9) {
        option.axisLabel.rotate = 30;
        option.nameGap = 24 + Math.min(widest, 150) / 2;
        var apart = Math.ceil(axis.categories.length * slanted / (room * 0.9));
        if (apart > 1) {
          option.axisLabel.interval = option.axisTick.interval = apart - 1;
          option.name += ', one of ' + apart + ' named';
        }
      }
      if (!isX) option.nameTextStyle.padding = 0;
      return option;
    }
    option.type = axis.log ? 'log' : 'value';
    option.axisLabel.formatter = number;
    if (axis.log && all.length) {
      var low = Math.min.apply(null, all), high = Math.max.apply(null, all);
      if (highest >= high) high *= 1.15;  // room above a target
      option.logBase = powersOfTwo(all) || high / low < 30 ? 2 : 10;
      var log = function (v) { return Math.log(v) / Math.log(option.logBase); };
      var from = Math.floor(log(low) + 1e-9), to = Math.max(Math.ceil(log(high) - 1e-9), from + 1);
      option.interval = Math.ceil((to - from) / 7);
      option.min = Math.pow(option.logBase, Math.floor(from / option.interval) * option.interval);
      option.max = Math.pow(option.logBase, Math.ceil(to / option.interval) * option.interval);
      if (option.logBase === 10) {
        // Powers of ten need not be at the ends, and where there are few, twos and fives stand between them.
        option.min = oneDigit(low, Math.floor);
        option.max = Math.max(oneDigit(high, Math.ceil), 2 * option.min);
        option.axisTick.customValues = option.axisLabel.customValues = ticksOfTen(option.min, option.max);
      }
      option.minorSplitLine = {show: false};
    } else {
      option.scale = !axis.zero;
      // Room for the numbers at the ends of bars.
      if (bars) option.boundaryGap = [all.some(function (v) { return v < 0; }) ? bars.gap : 0, bars.gap];
    }
    return option;
  }

  /** A block of a timeline, from a start to an end on a row. */
  function drawBlock(params, api) {
    var from = api.coord([api.value(0), api.value(2)]);
    var to = api.coord([api.value(1), api.value(2)]);
    var height = api.size([0, 1])[1] * 0.72;
    var width = Math.max(to[0] - from[0], 0.5);
    var block = {
      type: 'rect',
      shape: {x: from[0], y: from[1] - height / 2, width: width, height: height},
      style: {fill: api.visual('color'), stroke: api.style().borderColor, lineWidth: width > 4 ? 0.5 : 0}
    };
    var number = api.value(3);
    if (!number || width < 8 * String(number).length) return block;
    var text = {x: (from[0] + to[0]) / 2, y: from[1], text: String(number), fill: inkOn(api.visual('color')), align: 'center', verticalAlign: 'middle', fontSize: 10};
    return {type: 'group', children: [block, {type: 'text', style: text}]};
  }

  /** A label stands above its point's line, on the side with more room. */
  function labelOption(point, panel) {
    var all = values(panel, 'x'), low = Math.min.apply(null, all), high = Math.max.apply(null, all);
    var middle = panel.x.log && low > 0 ? Math.sqrt(low * high) : (low + high) / 2;
    var left = point.x > middle;
    return {show: true, formatter: point.label, position: [left ? -4 : 12, -10], align: left ? 'right' : 'left'};
  }

  function item(point, panel, colour) {
    var data = {value: [point.x, point.y], tip: point.tip};
    if (point.x === null || point.y === null) data.value = [point.x, '-'];
    if (point.label) data.label = labelOption(point, panel);
    if (point.hollow) data.itemStyle = {color: 'transparent', borderColor: colour, borderWidth: 1.5};
    return data;
  }

  function colourOf(s, look) {
    var theme = look.dark ? 'dark' : 'light';
    if (!s.sense) return palettes[theme][s.colour % palettes[theme].length];
    return senses[theme][s.soft ? (s.sense === 'better' ? 'softBetter' : 'softWorse') : s.sense];
  }

  /** Text on a bar: dark on light and light on dark. */
  function inkOn(colour) {
    var n = parseInt(colour.slice(1), 16);
    return 0.3 * (n >> 16) + 0.59 * (n >> 8 & 255) + 0.11 * (n & 255) > 140 ? '#1f2328' : '#ffffff';
  }

  /** The numbers of bars: in those that stand behind one another, beside the end of the others. */
  function barItem(p, panel, colour, ground, look, pixels) {
    var data = {value: [p.x, p.y], tip: p.tip};
    if (!p.label) return data;
    var inside = panel.bars === 'stacked';
    if (inside && p.x * pixels < textWidth(p.label, 11, look)) return data;
    data.label = {
      show: true, formatter: p.label, position: inside ? 'inside' : p.x < 0 ? 'left' : 'right',
      color: inside ? inkOn(colour) : ground.text, textBorderWidth: 0
    };
    return data;
  }

  /** Marks that stand close to one another are small. */
  function markSize(panel, room, usual) {
    return panel.x.categories ? Math.max(3, Math.min(usual, room / panel.x.categories.length)) : usual;
  }

  /** The longest of the bars that stand behind one another. */
  function longest(panel) {
    var sums = {};
    panel.series.forEach(function (s) { if (s.form === 'bars') s.points.forEach(function (p) { sums[p.y] = (sums[p.y] || 0) + p.x; }); });
    return Math.max.apply(null, Object.keys(sums).map(function (y) { return sums[y]; }));
  }

  function seriesOption(s, panel, panelIndex, look, ground, room) {
    var colour = colourOf(s, look);
    var option = {
      name: s.name, xAxisIndex: panelIndex, yAxisIndex: panelIndex, color: colour,
      itemStyle: {color: colour, borderColor: colour},
      label: {
        show: false, color: ground.text, position: 'top', fontSize: 11, textBorderColor: ground.back, textBorderWidth: 3
      },
      labelLayout: {hideOverlap: true},
      emphasis: {focus: 'none'}
    };
    if (s.form === 'bars') {
      option.type = 'bar';
      if (panel.bars === 'stacked') option.stack = 'all';
      if (panel.bars === 'over') option.barGap = '-100%';
      if (panel.bars === 'beside') option.barGap = '10%';
      option.barMaxWidth = panel.bars === 'beside' ? 18 : 26;
      var pixels = 0.6 * room / longest(panel);
      option.data = s.points.map(function (p) { return barItem(p, panel, colour, ground, look, pixels); });
      option.itemStyle.borderColor = ground.back;
    } else if (s.form === 'totals' && panel.bars === 'beside') {
      // A hollow bar of its own below the parts: a mark across them would meet their numbers.
      option.type = 'bar';
      option.barMaxWidth = 18;
      option.color = ground.text;
      option.itemStyle = {color: 'transparent', borderColor: ground.text, borderWidth: 1.2};
      option.data = s.points.map(function (p) {
        return {value: [p.x, p.y], tip: p.tip, label: {show: true, formatter: p.label, position: 'right', fontWeight: 'bold', textBorderWidth: 0}};
      });
    } else if (s.form === 'totals') {
      option.type = 'scatter';
      option.symbol = 'rect';
      option.symbolSize = [3, 28];
      option.z = 5;
      option.color = option.itemStyle.color = option.itemStyle.borderColor = ground.text;
      option.data = s.points.map(function (p) {
        return {value: [p.x, p.y], tip: p.tip, label: {show: true, formatter: p.label, position: 'right', fontWeight: 'bold'}};
      });
    } else if (s.form === 'blocks') {
      option.type = 'custom';
      option.renderItem = drawBlock;
      option.encode = {x: [0, 1], y: 2};
      option.itemStyle.borderColor = ground.back;
      option.data = s.points.map(function (p) { return {value: [p.x, p.end, p.y, p.label ? Number(p.label) : 0], tip: p.tip}; });
    } else if (s.form === 'points') {
      option.type = 'scatter';
      option.symbol = symbols[s.symbol % symbols.length];
      option.symbolSize = markSize(panel, room, 8);
      option.data = s.points.map(function (p) { return item(p, panel, colour); });
    } else {
      option.type = 'line';
      option.clip = true;
      option.symbol = s.form === 'roof' ? 'circle' : symbols[s.symbol % symbols.length];
      option.symbolSize = s.form === 'roof' ? 0.01 : markSize(panel, room, 7);
      option.showAllSymbol = true;
      option.lineStyle = {
        width: s.form === 'roof' ? 2.5 : s.dashed ? 1.2 : 2, color: colour,
        type: s.dashed ? 'dashed' : dashes[Math.floor(s.colour / palettes.light.length) % dashes.length]
      };
      if (s.form === 'trail') {
        option.lineStyle = {width: 1, color: colour, type: 'dotted'};
        option.symbolSize = 9;
        option.itemStyle = {color: colour, borderColor: ground.back, borderWidth: 1};
      }
      option.triggerLineEvent = s.form === 'roof';
      option.data = s.points.map(function (p) { return s.form === 'roof' ? roofItem(p, colour) : item(p, panel, colour); });
      if (s.form === 'line' && !s.dashed && named(panel) > palettes.light.length) {
        option.endLabel = {show: true, formatter: '{a}', color: ground.text, fontSize: 11, distance: 6, width: endRoom, overflow: 'truncate'};
        }
    }
    return option;
  }

  /** A roof's level is said beside its slope, its peak above its end. */
  function roofItem(p, colour) {
    var data = {value: [p.x, p.y], tip: p.tip};
    if (p.label)
      data.label = {show: true, formatter: p.label, color: colour, position: p.last ? [0, -5] : [8, 4], align: p.last ? 'right' : 'left', verticalAlign: p.last ? 'bottom' : 'top'};
    return data;
  }

  /** The width of the longest number beside the end of a bar. */
  function widestLabel(panel, look) {
    var widest = 0;
    if (panel.bars !== 'stacked')
      panel.series.forEach(function (s) {
        if (s.form === 'bars') s.points.forEach(function (p) { if (p.label) widest = Math.max(widest, textWidth(p.label, 11, look)); });
      });
    return widest;
  }

  function named(panel) {
    return panel.series.filter(function (s) { return s.form === 'line' && !s.dashed && s.name; }).length;
  }

  /** Lines across a panel for what has to be kept to, and a point that keeps them on the axes. */
  function targetOption(panel, panelIndex, look, ground) {
    var colour = senses[look.dark ? 'dark' : 'light'].worse;
    var at = {x: values(panel, 'x')[0], y: values(panel, 'y')[0]};
    return {
      type: 'scatter', xAxisIndex: panelIndex, yAxisIndex: panelIndex, symbolSize: 0, silent: true, tooltip: {show: false},
      data: panel.targets.map(function (t) { return {value: t.axis === 'y' ? [panel.x.categories ? 0 : at.x, t.at] : [t.at, at.y]}; }),
      markLine: {
        silent: true, symbol: 'none', lineStyle: {color: colour, type: [6, 4], width: 1.5},
        label: {color: colour, fontSize: 11, position: 'insideStartTop', textBorderColor: ground.back, textBorderWidth: 3},
        data: panel.targets.map(function (t) {
          var line = {label: {formatter: t.text}};
          line[t.axis + 'Axis'] = t.at;
          if (t.axis === 'x') line.label.position = 'insideEndTop';
          return line;
        })
      }
    };
  }

  function legendNames(model) {
    var seen = {}, names = [];
    model.panels.forEach(function (p) {
      p.series.forEach(function (s) {
        if (!s.name || seen[s.name]) return;
        seen[s.name] = true;
        names.push({name: s.name, form: s.form, dashed: s.dashed, symbol: s.symbol});
      });
    });
    return names;
  }

  function legendHeight(names, look) {
    if (names.length < 2) return 0;
    var rows = 1, used = 0;
    names.forEach(function (name) {
      var need = Math.min(textWidth(name.name, 12, look), 60 * letter) + (look.still ? 70 : 45);
      if (used > 0 && used + need > look.width - 32) { ++rows; used = 0; }
      used += need;
    });
    return rows * (look.still ? 50 : 34) + 2;
  }

  /** The legend's mark: a line for a roof, the bare symbol for a model, which has many colours. */
  function legendMark(n, ground) {
    if (n.form === 'roof' && !n.dashed) return {name: n.name, icon: 'path://M0,4h22v3h-22z'};
    if (n.form === 'trail')
      return {name: n.name, icon: marks[n.symbol % marks.length], itemStyle: {color: ground.faint, borderWidth: 0}, lineStyle: {width: 0}};
    if (n.form === 'totals') return {name: n.name, icon: 'path://M0,0h3v14h-3z', itemStyle: {color: ground.text}};
    if (n.dashed) return {name: n.name, icon: 'path://M0,4h6v3h-6zM8,4h6v3h-6zM16,4h6v3h-6z'};
    return {name: n.name};
  }

  function columns(model, width) {
    var n = model.panels.length;
    return width < 640 || n === 1 ? 1 : n === 3 && width > 1000 ? 3 : 2;
  }

  function panelHeight(model) {
    var most = 0;
    model.panels.forEach(function (p) {
      if (!p.y.categories) return;
      var bars = p.bars === 'beside' ? p.series.filter(function (s) { return s.form === 'bars' || s.form === 'totals'; }).length : 1;
      most = Math.max(most, p.y.categories.length * Math.max(30, 14 * bars + 18) + 90);
    });
    return most || 320;
  }

  /** Pixels for the names beside a panel of bars, and what is kept beside its numbers. */
  function nameRoom(room) { return Math.min(280, room * 0.45); }

  /** How much longer the axis of bars is than the bars: room for the widest number at their ends, on both sides where some go left. */
  function endsOf(panel, room, look) {
    if (panel.bars !== 'over') return null;
    var names = Math.max.apply(null, panel.y.categories.map(function (c) { return textWidth(c, 11, look); }));
    var share = (widestLabel(panel, look) + 8) / (room - Math.min(names, nameRoom(room)));
    return {gap: Math.round(100 * Math.min(0.6, Math.max(0.1, share / (1 - 2 * Math.min(0.3, share))))) + '%'};
  }

  function titleWidth(look) { return look.width - 32 - (look.still ? 0 : tools); }

  function headHeight(model, look) {
    return 18 + 22 * lines(model.title, titleWidth(look), 17, look).length + (model.note ? 8 + 16 * lines(model.note, look.width - 32, 12, look).length : 0);
  }

  /** The height that suits a chart of a look's width. */
  function height(model, look) {
    var rows = Math.ceil(model.panels.length / columns(model, look.width));
    return headHeight(model, look) + rows * (panelHeight(model) + 30) + legendHeight(legendNames(model), look) + 20;
  }

  /** The option of ECharts. look: width, height, dark, still (a picture), wheel (zoom without a key). */
  function option(model, look) {
    var ground = look.dark ? grounds.dark : grounds.light;
    var names = legendNames(model);
    var legend = legendHeight(names, look);
    var head = headHeight(model, look) + (look.still ? 0 : 6);
    var across = columns(model, look.width);
    var down = Math.ceil(model.panels.length / across);
    var boxWidth = look.width / across;
    var boxHeight = (look.height - head - legend - 8) / down;
    var result = {
      animation: false,
      backgroundColor: ground.back,
      textStyle: {color: ground.text, fontFamily: fonts},
      aria: {enabled: !look.still},
      title: [{
        text: broken(model.title, titleWidth(look), 17, look), subtext: broken(model.note, look.width - 32, 12, look), left: 16, top: 10, itemGap: 4,
        textStyle: {color: ground.text, fontSize: 17, width: look.still ? titleWidth(look) : null, overflow: look.still ? 'break' : 'none', lineHeight: 22},
        subtextStyle: {color: ground.faint, fontSize: 12, width: look.still ? look.width - 32 : null, overflow: look.still ? 'break' : 'none', lineHeight: 16}
      }],
      legend: {
        show: legend > 0, bottom: 4, left: 16, right: 16, data: names.map(function (n) { return legendMark(n, ground); }), itemGap: look.still ? 36 : 20,
        textStyle: {color: ground.text, fontSize: 12, width: Math.min(60 * letter, look.width - 80), overflow: 'truncate'},
        inactiveColor: ground.line
      },
      grid: [], xAxis: [], yAxis: [], series: []
    };
    model.panels.forEach(function (panel, i) {
      var left = (i % across) * boxWidth, top = head + Math.floor(i / across) * boxHeight;
      var ends = named(panel) > palettes.light.length ? endRoom + 10 : panel.series.some(function (s) { return s.form === 'totals'; }) ? 40 : boxWidth < 600 ? 0.6 * widestLabel(panel, look) : 0;
      result.grid.push({
        left: left + 16, top: top + (panel.title ? 50 : 30), width: boxWidth - 40 - ends,
        height: boxHeight - (panel.title ? 50 : 30) - 34, containLabel: true
      });
      if (panel.title)
        result.title.push({
          text: panel.title, left: left + 16, top: top + 6,
          textStyle: {color: ground.text, fontSize: 13, width: boxWidth - 40, overflow: 'truncate'}
        });
      result.xAxis.push(axisOption(panel.x, values(panel, 'x'), i, true, look, ground, boxWidth - 40, endsOf(panel, boxWidth - 40, look), 0));
      var aims = panel.targets.filter(function (t) { return t.axis === 'y'; }).map(function (t) { return t.at; });
      result.yAxis.push(axisOption(panel.y, values(panel, 'y'), i, false, look, ground, boxWidth - 40, null, Math.max.apply(null, aims.concat(0))));
      panel.series.forEach(function (s) { result.series.push(seriesOption(s, panel, i, look, ground, boxWidth)); });
      if (panel.targets.length) result.series.push(targetOption(panel, i, look, ground));
    });
    if (!look.still) addHands(result, model, look, ground);
    return result;
  }

  /** Hovering and zooming. */
  function addHands(result, model, look, ground) {
    result.tooltip = {
      trigger: 'item', confine: true, backgroundColor: ground.back, borderColor: ground.line, textStyle: {color: ground.text},
      formatter: function (p) {
        var tip = p.data && p.data.tip;
        return '<b>' + escaped(p.seriesName) + '</b>' + (tip ? '<br>' + tip.split('\n').map(escaped).join('<br>') : '');
      }
    };
    var all = model.panels.map(function (p, i) { return i; });
    var key = look.wheel ? true : 'ctrl';
    result.dataZoom = [
      {type: 'inside', xAxisIndex: all, filterMode: 'none', zoomOnMouseWheel: key, moveOnMouseMove: true},
      {type: 'inside', yAxisIndex: all, filterMode: 'none', zoomOnMouseWheel: key, moveOnMouseMove: true}
    ];
    result.toolbox = {
      right: 12, top: 6, iconStyle: {borderColor: ground.faint},
      feature: {dataZoom: {filterMode: 'none', title: {zoom: 'zoom into a box', back: 'back'}}, restore: {title: 'as it was'}}
    };
  }

  /** A picture as the text of an SVG; model and look are JSON texts. */
  function svg(modelText, lookText) {
    var model = JSON.parse(modelText), look = JSON.parse(lookText);
    look.still = true;
    look.height = look.height || height(model, look);
    var chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width: look.width, height: look.height});
    chart.setOption(option(model, look));
    return chart.renderToSVGString();
  }

  /**
   * Draws into an element, light or dark as the page is, again whenever its width or the page's light changes. What the element
   * held, the picture that the program drew, is what is printed.
   */
  function show(element, model, wheel) {
    var dark = window.matchMedia('(prefers-color-scheme: dark)'), picture = element.innerHTML, chart = null, drawn = 0, tall = 0;
    function clear() {
      if (chart) chart.dispose();
      chart = null;
      element.innerHTML = '';
    }
    function draw() {
      clear();
      drawn = element.clientWidth;
      var look = {width: drawn, dark: dark.matches, wheel: wheel};
      // A page of one chart fills its window.
      look.height = Math.max(height(model, look), wheel && drawn >= 640 ? window.innerHeight : 0);
      tall = window.innerHeight;
      element.style.height = look.height + 'px';
      chart = echarts.init(element, null, {renderer: 'svg', width: look.width, height: look.height});
      chart.setOption(option(model, look));
    }
    function print() {
      clear();
      element.style.height = 'auto';
      element.innerHTML = picture;
    }
    draw();
    window.addEventListener('resize', function () { if (chart && (element.clientWidth !== drawn || (wheel && window.innerHeight !== tall))) draw(); });
    dark.addEventListener('change', function () { if (chart) draw(); });
    window.addEventListener('beforeprint', print);
    window.addEventListener('afterprint', draw);
  }

  /**
   * Unpacks the library that the page holds, then goes on. A browser that cannot unpack it keeps the pictures that the program
   * drew.
   */
  function unpack(then) {
    if (typeof DecompressionStream === 'undefined') return;
    var letters = window.atob(document.getElementById('library').textContent), bytes = new Uint8Array(letters.length);
    for (var i = 0; i < letters.length; ++i) bytes[i] = letters.charCodeAt(i);
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text().then(function (text) {
      var script = document.createElement('script');
      script.textContent = text;
      document.head.appendChild(script);
      then();
    });
  }

  return {option: option, height: height, svg: svg, show: show, unpack: unpack};
})();
