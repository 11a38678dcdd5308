// Renders a settings file with the reason for each setting as a comment.

import { AppError } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';

export interface Setting {
  key: string;
  value: string | number | boolean;
  /** Source of the value; absent if the setting only names things. */
  why?: string;
}

export const setting = (key: string, value: Setting['value'], why?: string): Setting => defined({ key, value, why });

export type OwnSettings = Readonly<Record<string, string | number | boolean>>;

/** Settings that identify a broker or its cluster. */
export const identityKeys: ReadonlySet<string> = new Set(
  [
    'broker.id node.id process.roles zookeeper.connect',
    'brokerClusterName brokerName brokerId enableDLegerCommitLog dLegerGroup dLegerSelfId',
  ].flatMap((keys) => keys.split(' ')),
);

/**
 * Replaces rendered settings with those of the operator. @throws AppError config-invalid for a setting that the layout
 * determines
 */
export function withOwn(settings: readonly Setting[], own: OwnSettings = {}): Setting[] {
  const decided = Object.keys(own).find((key) => identityKeys.has(key));
  if (decided !== undefined) {
    throw new AppError('config-invalid', `settings of site.yaml: ${decided} follows from the layout of the cluster`, {
      hint: 'remove it from site.yaml',
    });
  }
  const more = Object.entries(own).map(([key, value]) => setting(key, value, 'as site.yaml states'));
  return [...settings.filter(({ key }) => !Object.hasOwn(own, key)), ...more];
}

/** Format of both java.util.Properties and sysctl.d: `key=value`, comments on separate lines. */
export function renderSettings(title: string, settings: readonly Setting[]): string {
  const lines = settings.flatMap(({ key, value, why }) => [
    ...(why === undefined ? [] : [`# ${why}`]),
    `${key}=${String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
  ]);
  return [`# ${title}`, ...lines, ''].join('\n');
}
