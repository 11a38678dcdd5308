// Holds the punctuation between parts of a line, in English and Chinese.

/** `gap` is between two sentences. */
export const punctuation = {
  en: { colon: ': ', comma: ', ', list: ', ', semicolon: '; ', stop: '.', gap: ' ', open: ' (', close: ')' },
  zh: { colon: '：', comma: '，', list: '、', semicolon: '；', stop: '。', gap: '', open: '（', close: '）' },
} as const;

/** Templates put a space around each value; between two Chinese words, such as before `条/秒`, it is removed. */
export const closedUp = (text: string): string => text.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '');
