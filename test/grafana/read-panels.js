// Reads panels and links of a Grafana dashboard inside the browser, as global `readPanels`.
'use strict';

// Grafana 9 and 10 mark a panel by `data-panelid`, later versions by `data-viz-panel-key`.
const panelMark = '[data-panelid], [data-viz-panel-key]';
const errorMark = [
  '.panel-info-corner--error',
  '[data-testid="data-testid Panel status error"]',
  '[aria-label="Panel header error"]',
  '[aria-label="Panel loading error"]',
].join(', ');
const linkMark = 'a.gf-form-label--dashlink, a[data-testid*="Dashboard link"], [data-testid*="Dashboard link"] a';

globalThis.readPanels = () => ({
  panels: [...document.querySelectorAll(panelMark)].map((element) => ({
    id: Number(/\d+$/.exec(element.dataset.panelid ?? element.dataset.vizPanelKey)?.[0] ?? NaN),
    text: element.innerText.trim(),
    hasError: element.querySelector(errorMark) !== null,
    isFilled: element.querySelector('canvas, [role="cell"]') !== null,
  })),
  bottom: Math.ceil(
    Math.max(...[...document.querySelectorAll(panelMark)].map((element) => element.getBoundingClientRect().bottom)),
  ),
  links: [...document.querySelectorAll(linkMark)].map(({ innerText, href }) => ({ text: innerText.trim(), href })),
});
