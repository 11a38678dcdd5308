// Renders the notice of a change to those whom it concerns, in Chinese or English.

export const noticeLanguages = ['zh', 'en'] as const;
export type NoticeLanguage = (typeof noticeLanguages)[number];

/** The title, then lines about the change. */
export type Notice = Readonly<Record<NoticeLanguage, readonly string[]>>;

export interface Announced {
  /** Business domains named by the operator. */
  domains?: readonly string[];
  /** Change window, in the operator's words. */
  window?: string | undefined;
}

/** Lines for a chat or mail message: the title, the domains and the time, then the text of the change. */
export function noticeText(notice: Notice, { domains = [], window }: Announced, language: NoticeLanguage): string {
  const [title = '', ...lines] = notice[language];
  const scope =
    language === 'zh'
      ? [domains.length === 0 ? '' : `涉及业务域：${domains.join('、')}`, `时间窗口：${window ?? '待定'}`]
      : [domains.length === 0 ? '' : `Domains: ${domains.join(', ')}`, `Window: ${window ?? 'to be announced'}`];
  return `${[title, ...scope.filter(Boolean), ...lines].join('\n')}\n`;
}

export const noticeTexts = (notice: Notice, announced: Announced): Record<NoticeLanguage, string> => ({
  en: noticeText(notice, announced, 'en'),
  zh: noticeText(notice, announced, 'zh'),
});
