/** What a form says: a text, a list, or more of the same by name. */
export type Form = string | Form[] | FormFields
export interface FormFields {
  [name: string]: Form
}

/**
 * Reads Stripe's way of writing nested data as a form: `metadata[order_id]=x&expand[]=a&expand[1]=b`. A list is written with empty
 * or numbered brackets. Fields have no prototype, so a field named `__proto__` is a field.
 */
export function parseForm(text: string): FormFields {
  const root = fields()
  for (const [key, value] of new URLSearchParams(text)) {
    const path = key.replaceAll(']', '').split('[')
    let at: FormFields | Form[] = root
    path.forEach((name, depth) => {
      const next = path[depth + 1]
      if (next === undefined) put(at, name, value)
      else at = descend(at, name, /^\d*$/.test(next))
    })
  }
  return root
}

function fields(): FormFields {
  return Object.create(null) as FormFields
}

function put(at: FormFields | Form[], name: string, value: Form): void {
  if (Array.isArray(at)) at.push(value)
  else at[name] = value
}

/** Stripe's client numbers a list in order, so a numbered element is either the newest one or one more. */
function descend(at: FormFields | Form[], name: string, isList: boolean): FormFields | Form[] {
  const known = Array.isArray(at) ? at[name === '' ? at.length : Number(name)] : at[name]
  if (typeof known === 'object') return known
  const made = isList ? [] : fields()
  put(at, name, made)
  return made
}
