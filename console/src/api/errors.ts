// One error for everything that can go wrong between console and gateway: the gateway's own sentence, or that it cannot be reached.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  static unreachable(): ApiError {
    return new ApiError(0, "unreachable", "The gateway cannot be reached.");
  }

  /** Reads the gateway's error body; anything else (a proxy's page, an empty body) becomes a sentence with the status. */
  static fromBody(status: number, body: unknown): ApiError {
    const error = (body as { error?: { code?: unknown; message?: unknown; field?: unknown } } | null | undefined)?.error;
    if (error && typeof error.code === "string" && typeof error.message === "string") {
      return new ApiError(status, error.code, error.message, typeof error.field === "string" ? error.field : null);
    }
    return new ApiError(status, `http_${status}`, `The gateway answered with an error (${status}).`);
  }
}
