// Matches names against patterns: `*` stands for any text, `?` for one character.

/** Greedy; backtracks only to the last `*`, because backtracking further never helps. */
export function matchesGlob(name: string, pattern: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let taken = 0;
  while (at < name.length) {
    if (pattern[from] === '*') {
      star = from++;
      taken = at;
    } else if (pattern[from] === '?' || pattern[from] === name[at]) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++taken;
    } else return false;
  }
  while (pattern[from] === '*') from++;
  return from === pattern.length;
}
