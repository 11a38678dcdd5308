// Renders the page on which a visitor of this machine becomes an operator: a field for the token, and where the token is.

import { html } from '../../core/text/html.ts';
import { prose, renderPage } from './layout.ts';
import type { View } from './view.ts';
import { loginPath } from './visitor.ts';

export function renderLoginPage(view: View, { file, isWrong }: { file: string; isWrong: boolean }): string {
  const texts = view.strings.pages.login;
  return renderPage(
    view,
    texts.title,
    html`<h1>${texts.title}</h1>
      <p>${texts.why}</p>
      ${isWrong && html`<p class="verdict invalid" role="alert">${texts.wrong}</p>`}
      <form class="filter" method="post" action="${view.link(loginPath)}">
        <input type="text" name="username" autocomplete="username" value="operator" readonly hidden />
        <label
          >${texts.token}
          <input type="password" name="token" autocomplete="current-password" required size="30" />
        </label>
        <button>${texts.logIn}</button>
      </form>
      <p>${texts.where} <code class="path">${file}</code></p>
      <p class="quiet">${prose(texts.others)}</p>`,
  );
}
