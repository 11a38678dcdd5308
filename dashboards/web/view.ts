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
  /** Of every path, such as `/plimsoll`; may be empty. */
  prefix: string;
  /** Of this page, without the prefix; begins with a slash. */
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

interface PageRequest extends Pick<View, 'prefix' | 'path' | 'query' | 'visitor' | 'fleet' | 'live'> {
  /** The preferred language of the browser that is available. */
  accepted: string | false;
  sections?: readonly Section[];
  grafanaUrl?: string;
}

const themes = ['light', 'dark'] as const satisfies readonly Theme[];

/** Kept by every link; other parameters belong to their page. */
const kept = ['lang', 'theme', 'tz'] as const;

export function createView({ accepted, sections = [], grafanaUrl, ...request }: PageRequest): View {
  const { prefix, path, query } = request;
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

/** Of this site: a browser takes `//name` and `/\\name` for another one. */
function addressOf(pathname: string, parameters: URLSearchParams): string {
  const path = pathname.replace(/^[/\\]+/, '/');
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}
