import { z } from 'zod'
import { notated } from './notation.ts'

const CODE = /^[A-Z]{3}$/
const what = 'a currency code of three letters, such as EUR'

/** An ISO 4217 code; lower case is accepted. */
export const Currency = notated(z.string().regex(CODE), { letters: 'upper', what })

/** An ISO 4217 code in upper case. */
export const UpperCaseCurrency = notated(z.string().regex(CODE), { what: `${what}, in upper case` })

/** Two codes in a row, such as EURUSD. */
export const CurrencyPair = notated(z.string().regex(/^[A-Z]{6}$/), {
  what: 'a pair of six upper-case letters, such as EURUSD',
})
