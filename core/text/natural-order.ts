// Orders names as people do: broker-2 before broker-10.

export const naturalOrder = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });
