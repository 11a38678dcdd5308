// What stands around every page? Head, mark, language switch; no inline script or style, so that the policy can forbid both.

import { html, type Content, type Html } from '../../core/html.ts';
import type { Numbers } from './numbers.ts';
import type { Language, Strings } from './strings.ts';

export interface View {
  language: Language;
  strings: Strings;
  numbers: Numbers;
  /** A link within the site that keeps the language somebody chose. */
  link(path: string): string;
  /** This page in the other language. */
  otherLanguage: string;
}

/** The mark on a ship's side: a ring crossed by the line the water may reach. */
const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <circle cx="16" cy="16" r="10" />
  <path d="M1 16h30" />
</svg>`;

export function renderPage(view: View, title: string, body: Content, scripts: readonly string[] = []): string {
  const { language, strings, link, otherLanguage } = view;
  const page: Html = html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Plimsoll</title>
        <link rel="icon" href="/assets/mark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/page.css" />
        ${scripts.map((source) => html`<script src="${source}" defer></script>`)}
      </head>
      <body>
        <a class="skip" href="#main">${strings.skip}</a>
        <header class="top">
          <a class="home" href="${link('/')}">${mark}<span>Plimsoll</span></a>
          <span class="tagline">${strings.tagline}</span>
          <a class="language" href="${otherLanguage}" lang="${language === 'en' ? 'zh' : 'en'}"
            >${strings.otherLanguage}</a
          >
        </header>
        <main id="main">${body}</main>
      </body>
    </html>`;
  return page.text;
}

/** A table that scrolls by itself on a narrow screen, reachable by keyboard. */
export function scrollable(label: string, table: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}
