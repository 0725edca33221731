/**
 * How deep the stacks are that Temporal's "Call Stack" and a failed workflow task show. The SDK writes one down for each promise that a
 * workflow makes, and with V8's ten frames that takes an eighth of the workflow's own time (docs/speed.md).
 */
Error.stackTraceLimit = 4
