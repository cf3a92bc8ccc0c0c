using System.CommandLine;
using System.Text.Json;
using NasGitOps.Core.Publishing;

namespace NasGitOps.Cli;

/// <summary>The <c>-o</c> option: what data is written as.</summary>
internal static class Output
{
    public const string Text = "text";
    public const string JsonFormat = "json";
    public const string Yaml = "yaml";
    public const string Markdown = "markdown";

    public static Option<string> Option(params string[] formats)
    {
        var option = new Option<string>("--output", "-o") { Description = $"How to print: {string.Join(", ", formats)}", DefaultValueFactory = _ => Text, HelpName = string.Join('|', formats) };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }

    /// <summary>Prints a value as JSON or YAML.</summary>
    public static void Write<T>(T value, string format) =>
        Console.Out.Write(format == Yaml ? YamlText.Write(Json.ToNode(value)) : JsonSerializer.Serialize(value, Json.Options) + "\n");
}
