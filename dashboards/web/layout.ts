// Renders the frame of every page: head, search, menu, sections and incidents, without inline scripts or styles.

import { type Content, html, type Html } from '../../core/text/html.ts';
import { rateDigits } from '../../core/text/quantity-text.ts';
import { plain } from '../../core/text/table.ts';
import { clusterPlace, renderClusterSwitch } from './cluster-switch.ts';
import { helpOf, helpPath } from './help/help-link.ts';
import { loginPath, logoutPath, peoplePath, type View } from './view.ts';
import { incidentsOf } from '../../core/documents/cluster-status.ts';
import { frameLanguages } from './frame-texts.ts';
import { statusBadge } from './status-text.ts';

/** The load line mark of a ship: a ring crossed by the line of the maximum water level. */
const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <circle cx="16" cy="16" r="10" />
  <path d="M1 16h30" />
</svg>`;

export function renderPage(view: View, title: string, body: Content, scripts: readonly string[] = []): string {
  const { language, strings, link, otherLanguage, theme, asset } = view;
  const page: Html = html`<!doctype html>
    <html
      lang="${language}"
      ${streamOf(view)}
      data-rate-digits="${JSON.stringify(rateDigits)}"
      ${theme !== undefined && html`data-theme="${theme}"`}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Plimsoll</title>
        <link rel="icon" href="${asset('mark.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${asset('page.css')}" />
        ${['page.js', ...scripts].map((source) => html`<script src="${asset(source)}" defer></script>`)}
      </head>
      <body>
        <a class="skip" href="#main">${strings.skip}</a>
        <header class="top">
          <div class="bar">
            <a class="home" href="${link('/')}">${mark}<span>Plimsoll</span></a>
            ${renderClusterSwitch(view)}
            <a class="language" href="${otherLanguage}" lang="${language === 'en' ? 'zh' : 'en'}"
              >${strings.otherLanguage}</a
            >
            ${renderMenu(view)}
          </div>
          ${renderSections(view)} ${renderIncidentStrip(view)}
        </header>
        <main id="main">
          ${body}
          <p
            class="quiet"
            id="status"
            role="status"
            data-unreachable="${strings.pages.unreachable('{at}')}"
            data-logged-out="${strings.pages.loggedOut('{at}')}"
            data-zone="${view.timeZone}"
          ></p>
        </main>
      </body>
    </html>`;
  return page.text;
}

/** Returns the stream of changes: a page of a cluster follows that cluster and incidents, other pages follow all clusters. */
function streamOf(view: View): Content {
  const { live, prefix } = view;
  if (live === undefined) return undefined;
  const place = clusterPlace(view);
  const of = place === undefined ? '' : `?cluster=${encodeURIComponent(place.cluster)}`;
  return html`data-stream="${prefix}${live}${of}"`;
}

function renderSections({ sections, strings, language, link, path }: View): Content {
  if (sections.length === 0) return undefined;
  // The current section is the one with the longest matching path.
  const here = sections
    .filter((each) => path === each.path || path.startsWith(`${each.path === '/' ? '/clusters' : each.path}/`))
    .toSorted((one, other) => other.path.length - one.path.length)
    .at(0);
  return html`<nav class="tabs" aria-label="${strings.pages.sectionsLabel}">
    ${sections.map(
      (each) =>
        html`<a
          href="${link(each.path === helpPath ? helpOf({ path }) : each.path)}"
          ${each === here && html`aria-current="page"`}
          >${each.title[language]}</a
        >`,
    )}
  </nav>`;
}

/** Renders a table that scrolls within the page on a narrow screen and is reachable by keyboard. */
export function scrollable(label: string, table: Html): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** Renders an external name, isolated so that its writing direction does not affect the text around it; quoted if invisible. */
export function named(name: string): Html {
  const shown = /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : JSON.stringify(name);
  return html`<bdi class="name" title="${name}">${shown}</bdi>`;
}

/** nginx accepts 8 KiB of a request line, Node 16 KiB of all headers; a Kafka group may have a name of 32,767 bytes. */
const longestPath = 4096;

/** Renders an external name as a link to its page, or without a link if servers would refuse the address. */
export const namedLink = (path: string, name: string, { link }: Pick<View, 'link'>): Html =>
  path.length > longestPath ? named(name) : html`<a href="${link(path)}">${named(name)}</a>`;

export const clusterLink = (cluster: string, view: Pick<View, 'link'>): Html =>
  namedLink(`/clusters/${encodeURIComponent(cluster)}`, cluster, view);

/** Returns text of a document, marked as English if it has no translation. */
export const translated = (en: string, zh: string | undefined, { language }: Pick<View, 'language'>): Html =>
  language === 'zh' && zh !== undefined ? html`${zh}` : html`<span lang="en">${en}</span>`;

/** Isolates a name in plain text: first strong isolate to pop directional isolate (Unicode UAX #9). */
export const isolated = (name: string): string => `\u2068${plain(name)}\u2069`;

/** Lines break only between words, not after the dashes of an option. */
export const commandLine = (command: string): Html =>
  html`<bdi
    ><code class="command-line"
      >${command.split(' ').map((word, index) => html`${index > 0 && ' '}<span>${word}</span>`)}</code
    ></bdi
  >`;

/** Renders hidden fields of a form for all address parameters except the form's own fields. */
export const keptFields = (query: URLSearchParams, own: readonly string[]): Html[] =>
  [...query]
    .filter(([name]) => !own.includes(name))
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);

/** Renders a labelled choice of a form. @param options value and text of each */
export const choiceField = (
  label: string,
  name: string,
  options: readonly (readonly [value: string | number, text: string])[],
  chosen?: string,
): Html =>
  html`<label
    >${label}
    <select name="${name}">
      ${options.map(([value, text]) => html`<option value="${value}" ${value === chosen && html`selected`}>${text}</option>`)}
    </select></label
  >`;

/** Renders an empty state: text that says what would fill the page. */
export function emptyState(text: string): Html {
  return html`<p class="empty">${prose(text)}</p>`;
}

/** Renders `names of commands and settings` in backticks as code, as in documents. */
export function prose(text: string): Content {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** Empty without incidents; a script fills it when incidents occur. */
function renderIncidentStrip(view: View): Content {
  const { fleet, language, link, path } = view;
  // The list of clusters already starts with all incidents.
  if (fleet === undefined || path === '/') return undefined;
  const incidents = incidentsOf(fleet);
  const [worst] = incidents;
  return html`<div data-live="strip">
    ${
      worst !== undefined &&
      html`<p class="strip">
        ${statusBadge(worst, view)}
        <a href="${link(`/clusters/${encodeURIComponent(worst.cluster)}`)}"
          ><bdi title="${worst.cluster}">${worst.cluster}</bdi></a
        >
        <a class="all" href="${link('/')}">${frameLanguages[language].attention(incidents.length)}</a>
      </p>`
    }
  </div>`;
}

/** Renders the menu of a page: user, login or logout, theme and time zone. */
function renderMenu(view: View): Html {
  const { visitor, strings } = view;
  const { login, preferences } = strings.pages;
  const title =
    visitor === undefined
      ? preferences.title
      : visitor.via === 'nothing'
        ? `${login.readOnly} · ${preferences.title}`
        : html`<bdi>${visitor.name}</bdi>`;
  return html`<details class="menu">
    <summary>${title}</summary>
    <div>${renderVisitor(view)} ${renderPreferences(view)}</div>
  </details>`;
}

function renderVisitor({ visitor, strings, link }: View): Content {
  if (visitor === undefined) return undefined;
  const texts = strings.pages.login;
  if (visitor.via === 'nothing') {
    return html`<p class="visitor">${texts.readOnly} <a href="${link(loginPath)}">${texts.logIn}</a></p>`;
  }
  return html`<form class="visitor" method="post" action="${link(logoutPath)}">
    <span><bdi>${visitor.name}</bdi>${strings.aside(texts.roles[visitor.role])}</span>
    ${visitor.via === 'session' && html`<button>${texts.logOut}</button>`}
    ${visitor.isAdmin === true && html`<a href="${link(peoplePath)}">${texts.people}</a>`}
  </form>`;
}

/** Common time zones; the address accepts any other. */
const offeredZones = [
  'UTC',
  'Asia/Shanghai',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
];

function renderPreferences({ strings, query, theme, timeZone, prefix, path }: View): Content {
  const texts = strings.pages.preferences;
  const zones = offeredZones.includes(timeZone) ? offeredZones : [...offeredZones, timeZone];
  const option = (value: string, text: string, isChosen: boolean) =>
    html`<option value="${value}" ${isChosen && html`selected`}>${text}</option>`;
  return html`<form class="preferences" method="get" action="${prefix}${path}">
    ${keptFields(query, ['theme', 'tz'])}
    <label
      >${texts.theme}
      <select name="theme">
        ${option('', texts.themes.system, theme === undefined)}
        ${option('light', texts.themes.light, theme === 'light')} ${option('dark', texts.themes.dark, theme === 'dark')}
      </select></label
    >
    <label
      >${texts.timeZone}
      <select name="tz" data-local-zone="${texts.localZone}">
        ${zones.map((zone) => option(zone, zone, zone === timeZone))}
      </select></label
    >
    <button>${texts.apply}</button>
  </form>`;
}
