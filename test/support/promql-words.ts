// Extracts series and labels from the shipped PromQL expressions.

export interface Selector {
  metric: string;
  /** Labels of its matchers. */
  labels: readonly string[];
  /** Function that is directly applied, such as rate. */
  within?: string;
  /** Range in brackets. */
  range?: string;
}

const grouping = /\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const keyword = /^(?:and|or|unless|bool|offset|by|on|without|ignoring|group_left|group_right)$/;

export function selectorsIn(expression: string): Selector[] {
  const bare = withoutTexts(expression).replaceAll(grouping, ' ');
  const selectors = bare.matchAll(
    /(?:\b(\w+)\(\s*)?(?<![\w$"])([a-zA-Z_:][\w:]*)(?!\s*\(|\w|:)\s*(?:\{([^}]*)\})?\s*(?:\[([^\]]*)\])?/g,
  );
  return [...selectors]
    .filter(([, , metric = '']) => !keyword.test(metric))
    .map(([, within, metric = '', matchers = '', range]) => ({
      metric,
      labels: [...matchers.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
      ...(within !== undefined && { within }),
      ...(range !== undefined && { range }),
    }));
}

/** Returns labels used for grouping or joins. */
export function groupingLabelsIn(expression: string): string[] {
  return [...withoutTexts(expression).matchAll(grouping)].flatMap(([, labels = '']) =>
    labels
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
  );
}

/** Removes texts; a duration after `offset` is not a series. */
const withoutTexts = (expression: string) =>
  expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\boffset\s+\w+/g, ' ');
