// Renders the login page: the identity provider, passwords, and the field for the operator token.

import { html, type Content } from '../../core/text/html.ts';
import { punctuation } from '../../core/text/punctuation.ts';
import { prose, renderPage } from './layout.ts';
import { loginFaultTexts, type ShownLoginFault } from './login-faults.ts';
import { loginPath, type View } from './view.ts';

export interface ProviderLogin {
  issuer: string;
  /** Path to open after the login. */
  next: string;
  hasPasswords: boolean;
  /** Fault of this login, or of the last attempt to reach the provider. */
  fault?: { kind: ShownLoginFault; detail?: string; user?: string };
  /** Whether the fault occurred during a login attempt. */
  hasTried?: boolean;
  isLoggedOut?: boolean;
}

export interface LoginContent {
  /** File with the operator token. */
  file: string;
  isWrong: boolean;
  /** Absent without an identity provider. */
  provider?: ProviderLogin;
}

export function renderLoginPage(view: View, { file, isWrong, provider }: LoginContent): string {
  const texts = view.strings.pages.login;
  if (provider === undefined) {
    return renderPage(
      view,
      texts.title,
      html`<h1>${texts.title}</h1>
        <p>${texts.why}</p>
        ${isWrong && renderWrong(view)} ${renderTokenForm(view, file)}
        <p class="quiet">${prose(texts.others)}</p>`,
    );
  }
  const { issuer, next, hasPasswords, fault, hasTried, isLoggedOut } = provider;
  const query = next === '/' ? {} : { next };
  const title = hasTried === true ? texts.failed : texts.logInTitle;
  const again = fault?.kind === 'no-role' ? { again: '1' } : {};
  return renderPage(
    view,
    title,
    html`<h1>${title}</h1>
      ${isLoggedOut === true && html`<p role="status">${texts.loggedOut}</p>`} ${fault && renderFault(view, fault)}
      <p>
        <a class="button" href="${view.link('/login/start', { ...query, ...again })}"
          >${fault?.kind === 'no-role' ? texts.another : texts.provider}</a
        >
      </p>
      <p class="quiet"><code class="path">${issuer}</code><br />${texts.providerWhy}</p>
      ${hasPasswords && html`<p><a href="${view.link('/login/password', query)}">${texts.password}</a></p>`}
      <details ${isWrong && html`open`}>
        <summary>${texts.withToken}</summary>
        <p>${texts.withTokenWhy}</p>
        ${isWrong && renderWrong(view)} ${renderTokenForm(view, file)}
      </details>`,
  );
}

/** Renders the page after a logout, from which the browser continues to the provider automatically. */
export function renderLeavingPage(view: View, address: string): string {
  const texts = view.strings.pages.login;
  return renderPage(
    view,
    texts.logOut,
    html`<h1>${texts.logOut}</h1>
      <p role="status">${texts.leaving}</p>
      <p><a class="button" href="${address}">${texts.leave}</a></p>`,
  );
}

function renderFault(view: View, { kind, detail, user }: NonNullable<ProviderLogin['fault']>): Content {
  const { what, next } = loginFaultTexts[view.language][kind];
  return html`<div class="verdict invalid" role="alert">
    <p>${user !== undefined && html`<bdi>${user}</bdi>: `}${what}</p>
    <p>${prose(next)}</p>
    ${
      detail !== undefined &&
      html`<p class="quiet">${view.strings.pages.login.reported}: <code dir="auto">${detail}</code></p>`
    }
  </div>`;
}

const renderWrong = (view: View): Content =>
  html`<p class="verdict invalid" role="alert">${view.strings.pages.login.wrong}</p>`;

function renderTokenForm(view: View, file: string): Content {
  const texts = view.strings.pages.login;
  return html`<form class="filter" method="post" action="${view.link(loginPath)}">
      <input type="text" name="username" autocomplete="username" value="operator" readonly hidden />
      <label
        >${texts.token}
        <input type="password" name="token" autocomplete="current-password" required size="30" />
      </label>
      <button>${texts.logIn}</button>
    </form>
    <p>${texts.where}${punctuation[view.language].space}<code class="path">${file}</code></p>`;
}
