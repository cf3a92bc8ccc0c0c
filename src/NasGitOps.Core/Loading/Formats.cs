using NasGitOps.Core.Manifests;
using Newtonsoft.Json.Linq;
using NJsonSchema.Validation.FormatValidators;

namespace NasGitOps.Core.Loading;

/// <summary>The formats that Core's definitions use and that no pattern can decide.</summary>
internal static class Formats
{
    /// <summary>By name: what is wrong with a text, as the rest of a sentence that begins with the field's name; null where nothing is.</summary>
    public static IReadOnlyDictionary<string, Func<string, string?>> All { get; } = new Dictionary<string, Func<string, string?>>
    {
        ["nas-size"] = text => ByteSize.TryParse(text, out _) ? null : $"'{Show.Text(text)}' is no size; write 500GiB, 1TiB, 10G or plain bytes",
        ["nas-cron"] = text => Schedule.TryParse(text, null, out _, out var error) ? null : $"is no schedule: {Show.Sentence(error)}",
        ["nas-time-zone"] = text => Schedule.CheckTimeZone(text) is { } error ? $"is refused: {Show.Sentence(error)}" : null,
    };

    /// <summary>The same, as the validator wants them.</summary>
    public static IEnumerable<IFormatValidator> Validators => All.Select(f => new Validator(f.Key, f.Value));

    private sealed class Validator(string format, Func<string, string?> check) : IFormatValidator
    {
        public string Format => format;

        // Only formats of the library have kinds of their own; the kind is not shown to anyone.
        public NJsonSchema.Validation.ValidationErrorKind ValidationErrorKind => NJsonSchema.Validation.ValidationErrorKind.PatternMismatch;

        public bool IsValid(string value, JTokenType tokenType) => tokenType != JTokenType.String || check(value) is null;
    }
}
