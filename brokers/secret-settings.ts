// Hides the values of settings that may be secrets.

/*
 * Kafka marks sensitive settings; RocketMQ marks none, such as innerClientAuthenticationCredentials,
 * initAuthenticationUser and metricsGrpcExporterHeader (rocketmq 5.3.3, BrokerConfig and AuthConfig).
 */
const secret =
  /password|passphrase|secret|credential|jaas|access\.?key|private\.?key|\.key$|token\.master|initAuthenticationUser|exporterHeader/i;
/** Matches passwords in URLs, such as redis://:password@host. */
const withPassword = /(:\/\/[^/\s:@]*):[^\s/]+@/g;
/** Matches parameters such as those of jdbc:mysql://host/db?user=root&password=text. */
const parameter = /([?&;][\w.-]*(?:password|passwd|pwd|secret|token)=)[^&;\s]+/gi;

export const hiddenValue = '(hidden)';

export const isSecretSetting = (name: string): boolean => secret.test(name);

/** @returns the value as it may be shown and stored */
export function shownValue(setting: string, value: string): string {
  if (value === '' || value === '(not set)') return value;
  if (isSecretSetting(setting)) return hiddenValue;
  return value.replaceAll(withPassword, `$1:${hiddenValue}@`).replaceAll(parameter, `$1${hiddenValue}`);
}
