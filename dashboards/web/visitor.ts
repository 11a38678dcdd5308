// Renders who reads the page: a link to log in for an anonymous reader, a button to log out for a session.

import { html, type Content } from '../../core/text/html.ts';
import type { View } from './view.ts';

export interface Visitor {
  name: string;
  role: 'viewer' | 'operator' | 'notifier';
  /** `nothing`: anonymous; `session`: a browser that logged in on the login page. */
  via: 'nothing' | 'session' | 'token' | 'login';
}

export const loginPath = '/login';
export const logoutPath = '/logout';

export function renderVisitor({ visitor, strings, link }: View): Content {
  if (visitor === undefined) return undefined;
  const texts = strings.pages.login;
  if (visitor.via === 'nothing') {
    return html`<span class="visitor">${texts.readOnly} · <a href="${link(loginPath)}">${texts.logIn}</a></span>`;
  }
  return html`<form class="visitor" method="post" action="${link(logoutPath)}">
    <span><bdi>${visitor.name}</bdi> (${texts.roles[visitor.role]})</span>
    ${visitor.via === 'session' && html`<button>${texts.logOut}</button>`}
  </form>`;
}
