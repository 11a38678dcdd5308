// Styles text for a terminal, or leaves it plain.

import { styleText } from 'node:util';

export type Style = Extract<Parameters<typeof styleText>[0], string>;

/** Styles a text; without colours it returns the text. */
export type Paint = (style: Style | readonly Style[], text: string) => string;

/** Widest report for a terminal of any width. */
export const reportWidth = 100;

export function paintWith(colours: boolean): Paint {
  return (style, text) =>
    colours ? styleText(typeof style === 'string' ? style : [...style], text, { validateStream: false }) : text;
}
