// Measures a page inside the browser, as global `inPage`.
'use strict';

globalThis.inPage = {
  /** Pixels of a canvas that are not transparent. */
  inked(id) {
    const canvas = document.getElementById(id);
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((alpha, index) => index % 4 === 3 && alpha > 0).length;
  },

  /** Pixels that the page is wider than its window. */
  overflow: () => document.documentElement.scrollWidth - innerWidth,

  /** Elements whose text lies beyond the right edge, where nothing scrolls to it. */
  cut() {
    const scrolls = (element) =>
      element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    return [...document.querySelectorAll('header *, main *')]
      .filter(
        (each) => each.checkVisibility() && each.textContent.trim() !== '' && !each.closest('.unseen, svg, option'),
      )
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !scrolls(each))
      .map(({ outerHTML }) => outerHTML.slice(0, 200));
  },

  /** Where the keyboard is, and how that is shown: `a.home solid`. */
  focused() {
    const { tagName, className } = document.activeElement;
    const name = [tagName.toLowerCase(), className].filter(Boolean).join('.');
    return `${name} ${getComputedStyle(document.activeElement).outlineStyle}`;
  },

  /** WCAG 2.2 contrast of every visible text with the ground under it. */
  contrasts() {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    // The browser lays the colours over each other, whatever notation they are in.
    const blend = (layers) => {
      canvas.clearRect(0, 0, 1, 1);
      for (const layer of layers) {
        canvas.fillStyle = layer;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (colour) => {
      const [red, green, blue] = colour.map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const grounds = (element) =>
      element === null ? [] : [...grounds(element.parentElement), getComputedStyle(element).backgroundColor];
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent.trim();
      if (text === '' || element.closest('script, noscript, svg') || !element.checkVisibility()) continue;
      const under = grounds(element);
      const [front, back] = [[...under, getComputedStyle(element).color], under].map((layers) =>
        luminance(blend(layers)),
      );
      found.push({ text, ratio: (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05) });
    }
    return found;
  },
};
