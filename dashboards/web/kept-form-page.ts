// Renders the input of a refused form, so that it can be sent again after a login.

import { html, type Content, type Html } from '../../core/text/html.ts';
import { bilingual } from '../../core/text/bilingual.ts';
import { renderPage } from './layout.ts';
import { loginPath, type View } from './view.ts';

/** A sent form: its path in the site, and each field with its value. */
export interface KeptForm {
  action: string;
  fields: readonly (readonly [name: string, value: string])[];
}

const texts = bilingual({
  notSent: [
    'Your session has ended, or you are not logged in as an operator. Nothing was changed, and your input is kept here.',
    '会话已过期，或尚未以操作员身份登录。未做任何更改，您填写的内容保留如下。',
  ],
  loggedIn: ['You are logged in. Check your input, then send it.', '已登录。请核对填写的内容后提交。'],
  input: ['Your input', '填写的内容'],
  send: ['Send', '提交'],
  afterLogin: [
    'Log in as an operator in another tab, then send it again.',
    '请在另一个标签页以操作员身份登录，然后重新提交。',
  ],
  note: ['Note', '备注'],
});

/** Hidden fields, which the page sets. */
const ofThePage = new Set(['what', 'job']);

/**
 * @param hasLogin whether this page accepts the operator token; otherwise users log in through their browser or proxy
 * @param hasProvider whether users log in on the login page
 */
export function renderKeptForm(
  view: View,
  form: KeptForm,
  { hasLogin, hasProvider = false, isWrong = false }: { hasLogin: boolean; hasProvider?: boolean; isWrong?: boolean },
): string {
  const { notSent, input, afterLogin } = texts[view.language];
  const { operatorsOnly, login } = view.strings.pages;
  return renderPage(
    view,
    operatorsOnly,
    html`<h1>${operatorsOnly}</h1>
      <p>${notSent}</p>
      ${isWrong && html`<p class="verdict invalid" role="alert">${login.wrong}</p>`}
      ${
        hasLogin
          ? html`<form class="filter" method="post" action="${view.link(loginPath)}">
                <input type="hidden" name="kept" value="${JSON.stringify(form)}" />
                <label
                  >${login.token}
                  <input type="password" name="token" autocomplete="current-password" required size="30"
                /></label>
                <button>${login.logIn}</button>
              </form>
              <h2>${input}</h2>
              ${form.fields.map(([name, value]) => renderInput(name, value, view, 'readonly'))}`
          : html`<p>
                ${afterLogin}
                ${hasProvider && html`<a href="${view.link(loginPath)}" target="_blank">${login.open}</a>`}
              </p>
              ${renderAgain(form, view)}`
      }`,
  );
}

/** Renders the filled form after the login, so that the user checks it before it is sent. */
export function renderResumedForm(view: View, form: KeptForm): string {
  const { loggedIn } = texts[view.language];
  return renderPage(
    view,
    loggedIn,
    html`<h1>${loggedIn}</h1>
      ${renderAgain(form, view)}`,
  );
}

const renderAgain = ({ action, fields }: KeptForm, view: View): Html =>
  html`<form method="post" action="${action}">
    ${fields.map(([name, value]) => renderInput(name, value, view))}
    <button>${texts[view.language].send}</button>
  </form>`;

function renderInput(name: string, value: string, { language }: View, isReadOnly?: 'readonly'): Content {
  if (ofThePage.has(name))
    return isReadOnly === undefined && html`<input type="hidden" name="${name}" value="${value}" />`;
  const label = name === 'note' ? texts[language].note : name;
  // Starts with a line end, because HTML ignores the first line end in a textarea.
  return html`<p>
    <label
      >${label}<br /><textarea name="${name}" rows="4" cols="60" dir="auto" ${isReadOnly}>${'\n'}${value}</textarea>
    </label>
  </p>`;
}
