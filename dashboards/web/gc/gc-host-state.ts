// When was a host read, and what is not known of it?

import { html, type Content } from '../../../core/html.ts';
import type { View } from '../view.ts';
import type { GcContent, GcHostView } from './gc-view.ts';
import { gcLanguages } from './gc-words.ts';

export function hostState({ readAt, whyNot }: GcHostView, { at }: Pick<GcContent, 'at'>, view: View): Content {
  const words = gcLanguages[view.language];
  const { numbers, strings } = view;
  if (readAt === undefined) return words.neverRead;
  const age = (Date.parse(at) - Date.parse(readAt)) / 1000;
  const when = words.readAt(numbers.moment(readAt), strings.pages.ago(numbers.span(age)));
  return whyNot === undefined ? when : html`${when} ${words.whyNot} <bdi lang="en">${whyNot}</bdi>`;
}
