// Restricts Kafka queries to brokers whose JMX is readable.

/**
 * While JMX of a broker does not respond, the exporter shows its last values: a constant counter looks like no traffic, and a
 * constant idle time like handlers that are always busy. Such rates are unknown.
 *
 * @param expr with labels `cluster` and `broker`
 */
export const whileFresh = (expr: string): string =>
  `${expr} and on (cluster, broker) min_over_time(plimsoll_scrape_section_success{cluster=~"$cluster", section="internals"}[$__rate_interval]) == 1`;
