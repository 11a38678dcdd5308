// Parses language, theme and time zone from the address, and builds links that keep them.

import { grafanaLink } from '../../core/http/grafana-link.ts';
import { isTimeZone } from '../../core/local-moment.ts';
import { createNumbers, type Numbers } from './numbers.ts';
import { isLanguage, languages, type Language, type Strings } from './strings.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { Visitor } from './visitor.ts';

type Theme = 'light' | 'dark';

/** A page that the head of every page links to. */
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
  /** Absent where the reader's system decides. */
  theme?: Theme;
  prefix: string;
  /** Of this page, without the prefix. */
  path: string;
  query: URLSearchParams;
  sections: readonly Section[];
  /** Absent where a site knows no visitors. */
  visitor?: Visitor;
  /** All clusters, worst first; absent where a site knows none. */
  fleet?: readonly ClusterStatus[];
  /** Path of the stream of changes, without the prefix; absent where there is none. */
  live?: string;
  /** Language, theme and time zone, where the address chose them. */
  chosen: Readonly<Record<(typeof kept)[number], string | undefined>>;
  /** A link within the site that keeps language, theme and time zone. */
  link(path: string, parameters?: Readonly<Record<string, string | undefined>>): string;
  /** This page with other parameters; undefined takes one away. */
  here(changes: Readonly<Record<string, string | undefined>>): string;
  /** A dashboard with its variables set; undefined where no Grafana is configured. */
  dashboard(uid: string, variables: Readonly<Record<string, string>>): string | undefined;
  asset(name: string): string;
  /** This page in the other language. */
  otherLanguage: string;
}

interface PageRequest {
  /** Prefix of every path, such as `/plimsoll`; may be empty. */
  prefix: string;
  /** Of this page, without the prefix; begins with a slash. */
  path: string;
  query: URLSearchParams;
  /** The preferred language of the browser that is available. */
  accepted: string | false;
  sections?: readonly Section[];
  grafanaUrl?: string;
  visitor?: Visitor;
  fleet?: readonly ClusterStatus[];
  live?: string;
}

const themes = ['light', 'dark'] as const satisfies readonly Theme[];
const isTheme = (text: string | null): text is Theme => themes.some((theme) => theme === text);

/** Kept by every link; other parameters belong to their page. */
const kept = ['lang', 'theme', 'tz'] as const;

export function createView({
  prefix,
  path,
  query,
  accepted,
  sections = [],
  grafanaUrl,
  visitor,
  fleet,
  live,
}: PageRequest): View {
  const [wanted, theme, zone] = kept.map((name) => query.get(name));
  const language: Language = isLanguage(wanted) ? wanted : isLanguage(accepted) ? accepted : 'en';
  const timeZone = zone && isTimeZone(zone) ? zone : 'UTC';
  const chosen: Record<(typeof kept)[number], string | undefined> = {
    lang: isLanguage(wanted) ? wanted : undefined,
    theme: isTheme(theme ?? null) ? (theme ?? undefined) : undefined,
    tz: zone && isTimeZone(zone) ? zone : undefined,
  };
  const here: View['here'] = (changes) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    return addressOf(prefix + path, next);
  };
  return {
    language,
    strings: languages[language],
    numbers: createNumbers(language, timeZone),
    timeZone,
    ...(isTheme(theme ?? null) && { theme: theme as Theme }),
    prefix,
    path,
    query,
    sections,
    ...(visitor && { visitor }),
    ...(fleet && { fleet }),
    ...(live !== undefined && { live }),
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

/** Of this site: a browser takes `//name` and `/\\name` for another one. */
function addressOf(pathname: string, parameters: URLSearchParams): string {
  const path = pathname.replace(/^[/\\]+/, '/');
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}
