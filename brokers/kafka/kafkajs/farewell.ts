// How long may kafkajs take to say good-bye? A broker that is gone cannot be told; the session times out there.

const farewellMs = 1500;

export async function withinFarewell(farewell: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, farewellMs);
  await Promise.race([farewell.catch(() => {}), late]).finally(() => clearTimeout(timer));
}
