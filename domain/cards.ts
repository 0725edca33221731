/**
 * Whether a text holds what could be a card number: 13 to 19 digits, blanks and dashes aside, that pass Luhn's check (ISO/IEC
 * 7812-1, annex B). People do write them into remarks, and then they would stand in our tables.
 */
export function holdsCardNumber(text: string): boolean {
  const runs = text.match(/\d(?:[ -]?\d){12,18}/g) ?? []
  return runs.some((run) => passesLuhn(run.replace(/\D/g, '')))
}

function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
