// Renders when a host was last read, and why data is missing.

import { html, type Content } from '../../../core/text/html.ts';
import { prose } from '../layout.ts';
import type { View } from '../view.ts';
import type { GcContent, GcHostView } from './gc-view.ts';
import { gcLanguages } from './gc-texts.ts';

export function hostState({ readAt, whyNot, trouble }: GcHostView, { at }: Pick<GcContent, 'at'>, view: View): Content {
  const texts = gcLanguages[view.language];
  const { numbers, strings } = view;
  const failed =
    trouble && html`${texts.failed(numbers.moment(trouble.at))} <bdi lang="en">${prose(trouble.reason)}</bdi>`;
  if (readAt === undefined) return failed ?? prose(texts.neverRead);
  const age = (Date.parse(at) - Date.parse(readAt)) / 1000;
  const when = texts.readAt(numbers.moment(readAt), strings.pages.ago(numbers.span(age)));
  return html`${when} ${whyNot !== undefined && html`${texts.whyNot} <bdi lang="en">${prose(whyNot)}</bdi>`} ${failed}`;
}
