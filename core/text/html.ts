// Builds HTML with everything escaped except markup from the `html` tag itself.

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Html | string | number | false | undefined | readonly Content[];

export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.reduce((text, part, index) => text + render(contents[index - 1], text) + part));
}

function render(content: Content, before: string): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map((each) => render(each, before)).join('');
  const text = escape(String(content));
  const shown = visible(text);
  return shown === text || isSent.test(before) ? text : shown;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Would reverse the text after them. Plimsoll isolates names with U+2068 and U+2069. */
const visible = (text: string) => text.replaceAll(/[\u202a-\u202e\u2066\u2067]/g, '·');

/** Links and forms must send true text; titles and labels are shown. */
const isSent = /(?<! (?:title|aria-label))="[^"<>]*$|<textarea [^<]*$/;

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Embeds JSON for a script; escapes `<`, so that no text can close the element. */
export function jsonBlock(id: string, value: unknown): Html {
  const json = visible(JSON.stringify(value)).replaceAll('<', '\\u003c');
  return new Html(`<script type="application/json" id="${escape(id)}">${json}</script>`);
}
