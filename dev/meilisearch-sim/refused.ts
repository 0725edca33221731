/** What Meilisearch refuses, in the shape of its errors; of a task, or of a request at once. */
export class Refused extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }

  get body() {
    const { message, code } = this
    const type = code === 'invalid_api_key' ? 'auth' : 'invalid_request'
    return { message, code, type, link: `https://docs.meilisearch.com/errors#${code}` }
  }
}

export const indexNotFound = (uid: string): Refused =>
  new Refused('index_not_found', `Index \`${uid}\` not found.`, 404)
