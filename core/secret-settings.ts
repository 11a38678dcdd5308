// Hides the values of settings that may be secrets.

/*
 * Kafka marks sensitive settings; RocketMQ marks none, such as innerClientAuthenticationCredentials,
 * initAuthenticationUser and metricsGrpcExporterHeader (rocketmq 5.3.3, BrokerConfig and AuthConfig).
 */
const secret =
  /password|passphrase|secret|credential|jaas|access\.?key|private\.?key|\.key$|token$|initAuthenticationUser|exporterHeader/i;
/** Matches passwords and tokens in URLs, such as redis://:password@host and https://token@host. */
const inUrl = /:\/\/(?:([^/\s:@]*:)[^\s/]+|[^/\s?#@]+)@/g;
/** Matches `password=text`, `"password":"text"` and URL parameters such as `?token=text`. */
const parameter =
  /((?:passw(?:or)?d|passphrase|pwd|secret|token|api.?key|access.?key|signature)(?:["']\s*:|["']?\s*=)\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^&;\s"']+)/gi;

export const hiddenValue = '(hidden)';

/** @returns the value as it may be shown and stored */
export function shownValue(setting: string, value: string): string {
  if (value === '' || value === '(not set)') return value;
  if (secret.test(setting)) return hiddenValue;
  return value.replaceAll(inUrl, `://$1${hiddenValue}@`).replaceAll(parameter, `$1${hiddenValue}`);
}
