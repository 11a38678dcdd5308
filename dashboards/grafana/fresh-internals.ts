// Restricts Kafka queries to brokers whose JMX was read.

/**
 * While JMX of a broker does not answer, the exporter shows its last values: a counter that does not change looks like no traffic, and an
 * idle time that does not change like handlers that are always busy. Such a rate is unknown.
 *
 * @param expr with labels `cluster` and `broker`
 */
export const whileFresh = (expr: string): string =>
  `${expr} and on (cluster, broker) min_over_time(plimsoll_scrape_section_success{cluster=~"$cluster", section="internals"}[$__rate_interval]) == 1`;
