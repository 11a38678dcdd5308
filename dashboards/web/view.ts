// Parses language, theme and time zone from the address, builds links that keep them, and defines the reader of a page.

import { grafanaLink } from '../../core/http/grafana-link.ts';
import { isTimeZone } from '../../core/local-moment.ts';
import { createNumbers, type Numbers } from './numbers.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { isAtLeast, type Role } from '../../core/roles.ts';
import type { Limit } from '../../core/documents/analysis.ts';
import { pageLanguages } from './page-texts.ts';
import { runLanguages } from './run-texts.ts';

type Theme = 'light' | 'dark';

/** A page linked at the top of every page. */
export interface Section {
  path: string;
  title: Readonly<Record<Language, string>>;
}

export interface View {
  language: Language;
  strings: Strings;
  numbers: Numbers;
  /** IANA name. */
  timeZone: string;
  /** Absent to follow the reader's system. */
  theme?: Theme;
  /** Prefix of every path, such as `/plimsoll`; may be empty. */
  prefix: string;
  /** Path of this page, without the prefix; starts with a slash. */
  path: string;
  query: URLSearchParams;
  sections: readonly Section[];
  /** Absent if the site has no logins. */
  visitor?: Visitor;
  /** All clusters, worst first; absent if the site has none. */
  fleet?: readonly ClusterStatus[];
  /** Path of the stream of changes, without the prefix; absent without a stream. */
  live?: string;
  /** Language, theme and time zone, if the address selects them. */
  chosen: Readonly<Record<(typeof kept)[number], string | undefined>>;
  /** Returns a link within the site that keeps language, theme and time zone. */
  link(path: string, parameters?: Readonly<Record<string, string | undefined>>): string;
  /** Returns a link to this page with other parameters; undefined removes one. */
  here(changes: Readonly<Record<string, string | undefined>>): string;
  /** Returns a link to a dashboard with its variables set; undefined if no Grafana is configured. */
  dashboard(uid: string, variables: Readonly<Record<string, string>>): string | undefined;
  asset(name: string): string;
  /** Link to this page in the other language. */
  otherLanguage: string;
}

interface PageRequest extends Pick<View, 'prefix' | 'path' | 'query' | 'visitor' | 'fleet' | 'live'> {
  /** The first language of the browser that is available. */
  accepted: string | false;
  sections?: readonly Section[];
  grafanaUrl?: string;
}

const themes = ['light', 'dark'] as const satisfies readonly Theme[];

/** Parameters kept by every link; others belong to their page. */
const kept = ['lang', 'theme', 'tz'] as const;

export function createView({ accepted, sections = [], grafanaUrl, ...request }: PageRequest): View {
  const { prefix, query } = request;
  const path = inSite(request.path);
  const [wanted, themeText, zone] = kept.map((name) => query.get(name));
  const theme = themes.find((each) => each === themeText);
  const chosen = {
    lang: isLanguage(wanted) ? wanted : undefined,
    theme,
    tz: zone && isTimeZone(zone) ? zone : undefined,
  };
  const language = chosen.lang ?? (isLanguage(accepted) ? accepted : 'en');
  const timeZone = chosen.tz ?? 'UTC';
  const here: View['here'] = (changes) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    return addressOf(prefix + path, next);
  };
  return {
    ...request,
    path,
    language,
    strings: languages[language],
    numbers: createNumbers(language, timeZone),
    timeZone,
    ...(theme && { theme }),
    sections,
    chosen,
    link(to, parameters = {}) {
      const all = new URLSearchParams();
      for (const [name, value] of Object.entries({ ...parameters, ...chosen })) {
        if (value !== undefined) all.set(name, value);
      }
      const [bare = '', anchor] = to.split('#');
      return addressOf(prefix + bare, all) + (anchor === undefined ? '' : `#${anchor}`);
    },
    here,
    dashboard(uid, variables) {
      if (grafanaUrl === undefined) return undefined;
      const named = Object.entries(variables).map(([name, value]) => [`var-${name}`, value]);
      return grafanaLink(grafanaUrl, uid, Object.fromEntries(named));
    },
    asset: (name) => `${prefix}/assets/${name}`,
    otherLanguage: here({ lang: language === 'en' ? 'zh' : 'en' }),
  };
}

/** Returns a path of this site, since a browser would treat `//name` and `/\\name` as another site. */
const inSite = (path: string) => path.replace(/^[/\\]+/, '/');

function addressOf(pathname: string, parameters: URLSearchParams): string {
  const path = inSite(pathname);
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

export interface Visitor {
  name: string;
  role: Role;
  /** `nothing`: anonymous; `session`: a browser that logged in on the login page. */
  via: 'nothing' | 'session' | 'token' | 'login';
  /** Whether the visitor is admin of at least one cluster. */
  isAdmin?: true;
}

/** Whether the visitor is an operator of the page's cluster, or of all clusters if the page has none. */
export const mayOperate = (visitor: Pick<Visitor, 'role'> | undefined): boolean =>
  visitor !== undefined && isAtLeast(visitor.role, 'operator');

export const loginPath = '/login';
export const logoutPath = '/logout';
export const peoplePath = '/people';

export const languages = {
  en: { ...runLanguages.en, pages: pageLanguages.en },
  zh: { ...runLanguages.zh, pages: pageLanguages.zh },
};
export type Language = keyof typeof languages;
export type Strings = (typeof languages)['en'];

export const isLanguage = (text: unknown): text is Language =>
  typeof text === 'string' && Object.hasOwn(languages, text);

export function describeLimit(limit: Limit, strings: Strings): string {
  if ('resource' in limit) return strings.ofNode(strings.names[limit.resource], limit.node);
  if ('node' in limit) return strings.ofNode(strings.names[limit.slo], limit.node);
  return strings.ofGroup(strings.names[limit.slo], limit.group);
}
