using System.CommandLine;
using NasGitOps.Core.Loading;
using NasGitOps.Kinds;

namespace NasGitOps.Cli;

/// <summary><c>explain</c> and <c>schema</c>: documentation from the schemas, and the schemas themselves.</summary>
internal static class HelpCommands
{
    public static Command Explain()
    {
        var query = new Argument<string>("KIND[.FIELD]") { Description = "As Dataset or Dataset.spec.quota" };
        var command = new Command("explain", "Explain a kind or one of its fields") { query };
        command.SetAction(parsed =>
        {
            if (!Core.Loading.Explain.TryRender(BuiltInKinds.Schemas, parsed.GetValue(query)!, out var text)) return Terminal.Fail(text);
            Console.WriteLine(text.TrimEnd());
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Schema()
    {
        var kind = new Argument<string?>("KIND") { Description = "One kind; without it the schema of all", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("schema", "Print the JSON Schema for editors") { kind };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(kind);
            name = BuiltInKinds.Schemas.Kinds.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;
            var schema = name is null ? BuiltInKinds.Schemas.Combined() : BuiltInKinds.Schemas.Full(name);
            if (schema is null) return Terminal.Fail($"there is no kind '{name}'; the kinds are {string.Join(", ", BuiltInKinds.Schemas.Kinds)}");
            Console.WriteLine(schema);
            return ExitCodes.Done;
        });
        return command;
    }
}
