// Configures the logging of Kafka brokers in the lab: standard output, from INFO.

import { join } from 'node:path';
import type { KafkaRelease } from './release.ts';

export const loggingFile = 'logging.properties';

export const loggingOption = ({ logging }: KafkaRelease, folder: string) =>
  logging === 'log4j2'
    ? `-Dlog4j2.configurationFile=${join(folder, loggingFile)}`
    : `-Dlog4j.configuration=file:${join(folder, loggingFile)}`;

export const loggingProperties = {
  log4j2: `rootLogger.level=info
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=[%d] %p %m (%c)%n
`,
  log4j1: `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=[%d] %p %m (%c)%n
`,
} as const;
