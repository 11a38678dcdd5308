// Sends an HTTP request, with an error of the caller where nothing answers.

/** @throws what `failed` makes; the signal's reason once it aborted */
export async function responseOf(
  url: string,
  request: RequestInit & { signal: AbortSignal },
  failed: (reason: string, cause: unknown) => Error,
): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw failed((((cause as Error).cause as Error | undefined) ?? (cause as Error)).message, cause);
  }
}
