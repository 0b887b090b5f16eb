"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const plots = [...document.querySelectorAll(".plot")];
  const root = document.documentElement;
  const wantsDark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  // Width of A4 between its margins, at 96 dots an inch; a letter page is a little wider.
  const PAPER_WIDTH = 640;
  // Two charts a page.
  const PAPER_HEIGHT_SHARE = 0.75;
  const NARROW = 480;
  let chosen = null;

  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const scale = () => [0, 1, 2, 3, 4].map((step) => [step / 4, colour("scale-" + step)]);

  const channels = (hex) => [1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16));
  // By hand: of a tree map coloured by a scale the library paints the gaps between tiles black.
  const shadesOf = (values) => {
    const steps = scale().map(([, hex]) => channels(hex));
    const most = Math.max(...values, 1e-9);
    return values.map((value) => {
      // The root, or a few large values would leave all others alike.
      const place = Math.sqrt(Math.max(value, 0) / most) * (steps.length - 1);
      const below = Math.min(Math.floor(place), steps.length - 2);
      const mixed = steps[below].map((each, channel) => Math.round(each + (steps[below + 1][channel] - each) * (place - below)));
      return `rgb(${mixed.join(", ")})`;
    });
  };

  // "@accent" in a figure is the page's own colour of that name.
  const painted = (value) => {
    if (typeof value === "string") {
      if (value === "@scale") return scale();
      return value.startsWith("@") ? colour(value.slice(1)) : value;
    }
    if (Array.isArray(value)) return value.map(painted);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, painted(each)]));
    }
    return value;
  };

  const layoutOf = (figure, width, height) => {
    const axis = {
      color: colour("muted"), gridcolor: colour("line"), zeroline: false, automargin: true,
      fixedrange: true, ticks: "", linecolor: colour("line"),
    };
    const own = painted(figure.layout);
    const isNarrow = width < NARROW;
    // Texts at the ends of lying bars take more of a narrow chart.
    if (isNarrow && figure.data[0].orientation === "h" && own.xaxis.range) {
      own.xaxis.range = own.xaxis.range.map((end) => end * 1.25);
    }
    // A legend of several lines would lie on the bars.
    if (isNarrow && own.legend) own.legend = { ...own.legend, y: -0.12, yanchor: "top" };
    const font = { family: getComputedStyle(document.body).fontFamily, size: isNarrow ? 11 : 12, color: colour("ink") };
    // Of many days the last ones are what fits a phone; the table has all.
    const columns = figure.data[0].x ? figure.data[0].x.length : 0;
    const fitting = figure.columns_on_phone || columns;
    const cut = isNarrow && columns > fitting ? { range: [columns - fitting - 0.5, columns - 0.5] } : {};
    return {
      ...own,
      xaxis: { ...axis, ...own.xaxis, ...cut }, yaxis: { ...axis, ...own.yaxis },
      width, height, font,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 8, r: isNarrow ? 14 : 22, t: own.legend && !isNarrow ? 34 : 12, b: 8, pad: 4 },
      hoverlabel: { bgcolor: colour("hover"), bordercolor: colour("hover"), font: { ...font, color: colour("hover-ink") }, align: "left" },
      ...(own.legend ? { legend: { ...own.legend, font: { size: font.size, color: colour("muted") } } } : {}),
      uniformtext: { minsize: 8, mode: figure.data[0].type === "treemap" ? "hide" : false },
    };
  };

  const tracesOf = (figure, width) => painted(figure.data).map((trace) => {
    if (trace.type === "bar" && trace.text) trace.textfont = { color: colour("ink") };
    if (trace.type === "sankey") {
      trace.textfont = { color: colour("ink"), size: width < NARROW ? 9 : 12, shadow: `0 0 3px ${colour("card")}, 0 0 3px ${colour("card")}` };
      trace.domain = { x: [0, 1], y: [0.01, 0.96] };
    }
    if (trace.type === "treemap") {
      trace.marker = { colors: shadesOf(trace.marker.colors), pad: trace.marker.pad, line: { width: 0 } };
    }
    if (trace.type === "heatmap") trace.textfont = { size: width < NARROW ? 9 : 12 };
    return trace;
  });

  const draw = (plot, width, share = 1) => {
    const figure = figures[plot.dataset.chart];
    const height = Math.round(figure.height * share);
    plot.style.height = `${height}px`;
    // Not `react`: paper would meet streams on their way from one width to the other.
    return Plotly.newPlot(plot, tracesOf(figure, width), layoutOf(figure, width, height), { displayModeBar: false, responsive: false });
  };
  const drawAll = () => Promise.all(plots.map((plot) => draw(plot, plot.clientWidth)));

  const setTheme = (theme) => {
    root.dataset.theme = theme;
    button.setAttribute("aria-pressed", String(theme === "dark"));
    button.textContent = theme === "dark" ? "Light" : "Dark";
  };
  const wanted = () => chosen || (wantsDark.matches ? "dark" : "light");

  button.hidden = false;
  button.addEventListener("click", () => {
    chosen = root.dataset.theme === "dark" ? "light" : "dark";
    setTheme(chosen);
    drawAll();
  });
  wantsDark.addEventListener("change", () => { setTheme(wanted()); drawAll(); });

  // Paper is white and has one width, whatever the screen has.
  addEventListener("beforeprint", () => {
    setTheme("light");
    plots.forEach((plot) => draw(plot, PAPER_WIDTH, PAPER_HEIGHT_SHARE));
  });
  addEventListener("afterprint", () => { setTheme(wanted()); drawAll(); });

  let lastWidth = innerWidth;
  let waiting = 0;
  addEventListener("resize", () => {
    // A phone's address bar changes the height alone.
    if (innerWidth === lastWidth) return;
    lastWidth = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 120);
  });

  setTheme(wanted());
  drawAll().then(() => { root.dataset.drawn = "true"; });
})();
