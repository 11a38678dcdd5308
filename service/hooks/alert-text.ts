// Writes the text of an alert for chats in either language, without active markup.

import type { AlertMessage, SentAlert } from './alert-message.ts';
import type { Hooks, Channel } from '../../app/config/service-hooks.ts';
import { grafanaLink } from '../../core/http/grafana-link.ts';
import { bilingual } from '../../core/text/bilingual.ts';

export interface Note {
  heading: string;
  isFiring: boolean;
  /** As set by the rule. */
  severity?: string;
  /** RFC 3339. */
  startsAt: string;
  lines: readonly string[];
  links: readonly { text: string; url: string }[];
}

/** Content of a notification, which every channel writes in its format. */
export interface Wording {
  title: string;
  /** The cluster or host. */
  about: string;
  /** Identifies the alert group; the same in all its messages. */
  group: string;
  /** False if all alerts are resolved. */
  isFiring: boolean;
  /** Firing ones first, worst first: the last ones are omitted if not all fit. */
  notes: readonly Note[];
  /** Number of alerts omitted before rendering. */
  leftOut: number;
  /** Text that replaces notes that do not fit. */
  more(count: number): string;
}

const texts = bilingual({
  firing: (count: number, about: string) => [`${count} firing: ${about}`, `${count} 条告警：${about}`],
  allResolved: (about: string) => [`Resolved: ${about}`, `已恢复：${about}`],
  severity: {
    critical: ['[critical] ', '【严重】'],
    warning: ['[warning] ', '【警告】'],
    info: ['[info] ', '【提示】'],
  },
  resolved: ['[resolved] ', '【已恢复】'],
  domain: (name: string) => [` Domain: ${name}.`, `业务域：${name}。`],
  since: ['Since ', '开始时间：'],
  runbook: ['What to do', '处理步骤'],
  dashboard: ['Dashboard', '仪表盘'],
  acknowledge: ['Acknowledge', '确认告警'],
  more: (count: number) => [`${count} more: see Alertmanager.`, `另有 ${count} 条，请在 Alertmanager 查看。`],
});

const hourMs = 3_600_000;
/** More than fit into a mail, the longest message. */
const mostNotes = 1000;

export interface MessageLinks extends Pick<Hooks, 'runbooks' | 'grafana'> {
  /** Address that acknowledges the alert; absent if not permitted. */
  acknowledge?(alert: SentAlert): string | undefined;
}

/** Same wording as in alerts/alertmanager/templates. */
export function word(message: AlertMessage, language: Channel['language'], links: MessageLinks): Wording {
  const own = texts[language];
  const { cluster, host } = message.commonLabels;
  const about = harmless(cluster ?? host ?? 'Plimsoll');
  const firing = message.alerts.filter(({ status }) => status === 'firing').length;
  return {
    title: firing > 0 ? own.firing(firing + message.truncatedAlerts, about) : own.allResolved(about),
    about,
    group: message.groupKey ?? JSON.stringify(message.commonLabels),
    isFiring: firing > 0,
    notes: message.alerts
      .toSorted(byUrgency)
      .slice(0, mostNotes)
      .map((alert) => noteOf(alert, language, links)),
    leftOut: message.truncatedAlerts + Math.max(0, message.alerts.length - mostNotes),
    more: own.more,
  };
}

/** Needed because Alertmanager orders alerts by their labels. */
const byUrgency = (one: SentAlert, other: SentAlert): number =>
  Number(other.status === 'firing') - Number(one.status === 'firing') || rankOf(one) - rankOf(other);

/** A custom severity from a user's rule ranks above info and none. */
const ranks: ReadonlyMap<string | undefined, number> = new Map(
  Object.entries({ critical: 0, error: 1, warning: 2, info: 4, none: 5 }),
);
const rankOf = ({ labels }: SentAlert): number => ranks.get(labels['severity']) ?? 3;

function noteOf(
  alert: SentAlert,
  language: Channel['language'],
  { runbooks, grafana, acknowledge }: MessageLinks,
): Note {
  const { status, labels, annotations, startsAt } = alert;
  const own = texts[language];
  const textOf = (name: string) => annotations[language === 'zh' ? `${name}_zh` : name] ?? annotations[name];
  const severities: Readonly<Record<string, string>> = own.severity;
  const mark = status === 'firing' ? (severities[labels['severity'] ?? ''] ?? '') : own.resolved;
  const description = textOf('description');
  const { domain, severity } = labels;
  const acknowledging = status === 'firing' ? acknowledge?.(alert) : undefined;
  const { runbook, dashboard } = annotations;
  return {
    heading: mark + harmless(textOf('summary') ?? labels['alertname'] ?? ''),
    isFiring: status === 'firing',
    ...(severity !== undefined && { severity }),
    startsAt,
    lines: [
      ...(description === undefined
        ? []
        : [harmless(description) + (domain === undefined ? '' : own.domain(harmless(domain)))]),
      `${own.since}${new Date(startsAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    ],
    links: [
      ...(acknowledging === undefined ? [] : [{ text: own.acknowledge, url: acknowledging }]),
      ...(runbooks === undefined || runbook === undefined
        ? []
        : [{ text: own.runbook, url: runbookUrl(runbooks, runbook) }]),
      ...(grafana === undefined || dashboard === undefined
        ? []
        : [{ text: own.dashboard, url: dashboardUrl(grafana, dashboard, { labels, startsAt }) }]),
    ],
  };
}

function runbookUrl(base: string, runbook: string): string {
  const [page = '', heading = ''] = runbook.split('#');
  return `${base.replace(/\/$/, '')}/${encodeURIComponent(page)}.html#${encodeURIComponent(heading)}`;
}

/** Labels of alerts that are variables of dashboards; as in alerts/alertmanager/templates. */
export const dashboardLabels = ['cluster', 'consumergroup', 'host', 'instance', 'process', 'topic'] as const;

/** Link to a dashboard from one hour before the start of the alert. */
function dashboardUrl(base: string, uid: string, { labels, startsAt }: Pick<SentAlert, 'labels' | 'startsAt'>): string {
  const query: Record<string, string> = { from: String(Date.parse(startsAt) - hourMs), to: 'now' };
  for (const name of dashboardLabels) {
    if (labels[name] !== undefined) query[`var-${name}`] = labels[name];
  }
  return grafanaLink(base, uid, query);
}

/**
 * Makes names harmless, because a cluster or topic may have any name. In a chat `<@all>` notifies everybody,
 * `[text](url)` is a link with another name, and direction marks reverse the text after them. Replaces such characters
 * with similar ones, and removes direction marks and line ends.
 */
function harmless(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replaceAll(/[<>[\]`*#]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + fullWidth));
}

/** Offset from an ASCII character to its counterpart in the block Halfwidth and Fullwidth Forms. */
const fullWidth = 0xfe_e0;
