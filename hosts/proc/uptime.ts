// Parses /proc/uptime: `20312.48 38120.02`, seconds since boot and idle time of all cores.

export function parseUptime(text: string): number | undefined {
  const [, seconds] = /^(\d+\.\d+) \d+\.\d+\n/.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
