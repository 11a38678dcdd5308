// Holds the punctuation between parts of a line, in English and Chinese.

export const punctuation = {
  en: { colon: ': ', comma: ', ', list: ', ', semicolon: '; ', stop: '.', open: ' (', close: ')' },
  zh: { colon: '：', comma: '，', list: '、', semicolon: '；', stop: '。', open: '（', close: '）' },
} as const;
