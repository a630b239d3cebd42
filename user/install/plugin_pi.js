
export default function (pi) {
  pi.on("tool_call", async (event) => {
    try {
      await before(event.toolName, event.input, event.toolCallId);
    } catch (e) {
      return { block: true, reason: e.message };
    }
  });
  pi.on("tool_result", async (event) => {
    const told = await after(event.isError, event.toolName, event.input, event.toolCallId).catch((e) => e.message);
    if (told) return { content: [...event.content, { type: "text", text: told }] };
  });
}
