// Draws the shape of each cluster state, so that states differ without colour and on paper.

import type { ClusterState } from '../../core/documents/cluster-status.ts';
import { html, type Html } from '../../core/text/html.ts';

const square = html`<path d="M2 2h16v16H2z" />`;
const triangle = html`<path d="M10 2.5 18.5 17h-17z" />`;
const diamond = html`<path d="M10 1l9 9-9 9-9-9z" />`;
const disc = html`<circle cx="10" cy="10" r="8" />`;
const emptyDiamond = html`<path class="hollow" d="M10 1.5l8.5 8.5-8.5 8.5L1.5 10z" />`;
const ring = html`<circle class="hollow" cx="10" cy="10" r="8" />`;
const dashedRing = html`<circle class="hollow" cx="10" cy="10" r="8" stroke-dasharray="3 2" />`;

/** Filled shapes mean that action is needed or all is well; hollow shapes mean that the state may change soon or is unknown. */
const shapes: Record<ClusterState, readonly [outline: Html, sign: string]> = {
  down: [square, 'M6.5 6.5l7 7m0-7l-7 7'],
  degraded: [triangle, 'M10 8v4m0 2.6v.1'],
  over: [diamond, 'M10 14.5V6m-3.2 3L10 5.8 13.2 9'],
  near: [emptyDiamond, 'M10 6v4.6m0 3v.1'],
  stale: [ring, 'M10 5.5V10l3 2'],
  unknown: [dashedRing, 'M7.8 8a2.2 2.2 0 1 1 3.4 2c-.8.5-1.2.9-1.2 1.7m0 2.6v.1'],
  ok: [disc, 'M6 10.4l2.8 2.8L14 7.4'],
};

export function stateShape(state: ClusterState): Html {
  const [outline, sign] = shapes[state];
  return html`<svg class="shape" viewBox="0 0 20 20" aria-hidden="true">
    ${outline}
    <path class="sign" d="${sign}" />
  </svg>`;
}
