using System.Globalization;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Planning;

/// <summary>A spec that declares a user or group with its number.</summary>
public interface IAccountDeclaration
{
    string AccountName { get; }

    /// <summary>uid or gid.</summary>
    uint Id { get; }

    bool IsGroup { get; }
}

/// <summary>Turns names of owners and groups into numbers: a number as text, a declared account, or one that the host has.</summary>
public static class AccountIds
{
    public static uint? Uid(string nameOrId, PlanInput input) =>
        Number(nameOrId) ?? Declared(nameOrId, input, group: false) ?? input.Observed.Accounts.Users.GetValueOrDefault(nameOrId)?.Uid ?? (nameOrId == "root" ? 0 : null);

    public static uint? Gid(string nameOrId, PlanInput input) =>
        Number(nameOrId) ?? Declared(nameOrId, input, group: true) ?? input.Observed.Accounts.Groups.GetValueOrDefault(nameOrId)?.Gid ?? (nameOrId == "root" ? 0 : null);

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static uint? Declared(string name, PlanInput input, bool group) =>
        input.Desired.Manifests.All.Select(m => m.Spec).OfType<IAccountDeclaration>().FirstOrDefault(d => d.IsGroup == group && d.AccountName == name)?.Id;
}
