// Renders a settings file with the reason for each setting as a comment.

export interface Setting {
  key: string;
  value: string | number | boolean;
  /** Where the value comes from; absent where it only names things. */
  why?: string;
}

/** java.util.Properties and sysctl.d alike: `key=value`, comments on lines of their own. */
export function renderSettings(title: string, settings: readonly Setting[]): string {
  const lines = settings.flatMap(({ key, value, why }) => [
    ...(why === undefined ? [] : [`# ${why}`]),
    `${key}=${String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
  ]);
  return [`# ${title}`, ...lines, ''].join('\n');
}
