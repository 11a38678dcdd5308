// Sends an HTTP request; if nothing answers, throws an error that the caller provides.

/** @throws the error of `failed`; the signal's reason if aborted */
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
