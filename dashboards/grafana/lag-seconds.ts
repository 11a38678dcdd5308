// Selects the consumer lag in seconds, as used in alerts.

const byTopic = 'max by (cluster, consumergroup, topic)';

/** The maximum of a topic is absent while the lag of a partition is unknown; the highest known one is then used, as in the alert rules. */
export const lagSeconds = (chosen: string): string =>
  ['lag_max_seconds', 'lag_seconds', 'queue_lag_seconds']
    .map((metric) => `${byTopic} (plimsoll_consumergroup_${metric}${chosen})`)
    .join(' or ');
