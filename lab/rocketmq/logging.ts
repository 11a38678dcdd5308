// Configures the logging of RocketMQ in the lab: standard output, from INFO, without its per-second line.

const quiet = ['RocketmqWaterMark', 'RocketmqProtection', 'RocketmqStats', 'RocketmqCommercial', 'RocketmqTraffic'];

/**
 * Logback configuration; 4.9 finds it by name in its home, 5.x (with logback inside, renamed) by the path in a
 * property.
 */
export const loggingXml = `<configuration>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>[%d] %p %m \\(%logger\\)%n</pattern></encoder>
  </appender>
${quiet.map((name) => `  <logger name="${name}" level="off"/>\n`).join('')}  <root level="info"><appender-ref ref="console"/></root>
</configuration>
`;
